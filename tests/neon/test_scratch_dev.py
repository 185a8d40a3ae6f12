import os
import time


def test_hold(neon):
    with open("/tmp/nt/env", "w") as f:
        for k, v in neon.env.items():
            f.write(f"export {k}='{v}'\n")
    while os.path.exists("/tmp/nt/hold"):
        time.sleep(0.3)
