"""The sample over HTTP, made by `app.create_app`, on the commands' models and services."""
