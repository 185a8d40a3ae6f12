"""Words that generated text is made of, written for dbctl. How they are put together: pools.py.

No two entries of a tuple are the same once accents and capitals are gone: tests hold that.
"""


def listed(text: str) -> tuple[str, ...]:
    """The words of `text`."""
    return tuple(text.split())


FIRST_NAMES = listed("""
    Ada Adil Agnes Aiko Alba Alma Alva Amadou Amara Amina Anders Anika Anouk Ansel Arda Ariane Arlo
    Asha Astrid Aurel Ayla Azra Balint Basil Beatriz Bela Bengt Berit Bianca Birk Bruno Camille
    Carlo Carys Casper Cecilia Chiara Cilla Clara Conrad Cora Cosima Cyrus Dafydd Dagny Dalia
    Damian Daria Davor Delphine Derya Dina Dorian Dunja Edda Edith Eero Eilidh Eino Elena Elif
    Elio Elke Eloise Elvira Emeka Emil Enno Enzo Erika Esme Esther Etienne Eyal Fadi Farah Farid
    Fatou Felix Femi Fenna Fergus Fiona Flavia Flora Florin Franka Freya Frida Gael Gemma Gideon
    Gisela Goran Greta Gustav Hadi Hana Hanne Haruki Hassan Hedda Hektor Helga Henrik Hilda Hugo
    Ida Idris Ilse Ilya Imani Imre Inka Ingrid Ioana Irene Iris Isak Isolde Ivo Jana Janek Jasmin
    Javier Jelena Joanna Jonas Jorun Josefa Juhani Julian Juno Kaia Kaito Kalle Kamil Karim Katja
    Kenji Kerstin Kiran Klara Knut Kofi Kwame Laila Lale Lars Laszlo Leander Leila Lena Leopold
    Levent Lidia Liesl Linnea Livia Lorcan Lorenz Lotte Lucia Ludvik Luisa Lydia Magda Maia Malik
    Manon Marek Margit Marisol Marta Matteo Maurin Maya Mehdi Meike Mei Melina Mika Milan Milena
    Mina Mirko Moira Mona Morten Nadia Nael Naomi Nela Niamh Nico Nils Nina Noor Nora Odile Olaf
    Olga Oona Orla Oskar Otis Otto Pablo Paloma Pavel Pernille Petra Pilar Piotr Priska Quentin
    Rafael Ragna Ramona Rania Remy Renata Rhys Rina Robin Rosa Ruben Runa Sabine Salma Samira
    Sandro Sara Selma Sigrid Silvan Simone Sofia Soren Stellan Sunniva Svea Tadeusz Taina Tamar
    Tariq Teresa Thandi Theo Thora Tilda Timur Tobias Tova Ulla Uma Uri Ursula Valentin Vera Viggo
    Viktor Vilma Viola Wanda Wenzel Wilma Xenia Yael Yannick Yara Yasmin Yngve Yusuf Yvonne Zelda
    Zeno Zita Zoran Zuzana
    """)
# A family name is a beginning and an ending, so that a few words make hundreds.
FAMILY_STARTS = listed("""
    Alder Ash Berg Birch Black Bram Bright Brook Cald Copper Crane Dale Dun Elm Fair Falk Fen Fox
    Glen Gold Grey Heron Hawk Hazel Heath Holm Iron Kirk Lake Lang Lark Linden Long Marsh Mill Moor
    North Oak Otter Penn Quill Raven Red Rook Rowan Salt Sand Silver Stone Storm Summer Swan Thorn
    Under Vale Wald West Willow Wild Winter Wolf Wren Yar
    """)
FAMILY_ENDS = listed("bank by croft dahl fell ford gate hurst land ley mere more stead ton")

ADJECTIVES = listed("""
    Amber Ancient Autumn Bold Brass Brave Bright Broken Calm Careful Clever Cloudy Copper Curious
    Daily Dapper Distant Double Early Eager Easy Faded Fair Familiar Fine First Folded Foreign
    Forgotten Fresh Friendly Frosty Gentle Gilded Golden Grand Green Handy Hidden Hollow Honest
    Humble Hungry Idle Indigo Inner Ivory Jolly Kind Large Last Late Lazy Light Little Lively
    Lonely Long Loud Lucky Lunar Mellow Merry Mild Misty Modern Narrow Neat New Nimble Noble
    Northern Odd Old Open Orange Outer Pale Patient Plain Polished Proud Purple Quick Quiet Rapid
    Rare Restless Round Royal Rusty Salty Sandy Scarlet Second Sharp Short Shy Silent Silver Simple
    Sleepy Slender Slow Small Smooth Soft Solar Solid Southern Spare Steady Still Striped Sturdy
    Sunny Swift Tall Tender Thin Third Tidy Tiny Tranquil Upper Useful Velvet Vivid Warm Western
    White Wide Wild Windy Winter Wise Wooden Young
    """)
NOUNS = listed("""
    Almanac Anchor Anvil Apron Archway Atlas Attic Bakery Balcony Ballad Barometer Basket Beacon
    Bell Bench Bicycle Blanket Boat Book Bottle Bowl Box Bridge Brush Bucket Button Cabin Camera
    Candle Canvas Carpet Castle Cellar Chair Chest Chimney Chisel Clock Cloak Coat Coffee Compass
    Cottage Cradle Crane Cupboard Curtain Cushion Desk Diary Door Drawer Drum Easel Engine Envelope
    Factory Fence Ferry Festival Fiddle Field Flask Flute Forest Fountain Frame Garden Gate Glove
    Grove Hammer Hammock Harbour Harvest Hat Hearth Hedge Helmet Honey Hook Horizon Inkwell Island
    Jacket Jar Journal Kettle Key Kiln Kitchen Kite Ladder Lamp Lantern Ledger Letter Library Loaf
    Loom Map Market Mast Meadow Mill Mirror Morning Museum Needle Notebook Oar Oven Paddle Pantry
    Parcel Pebble Pencil Pepper Piano Picture Pillow Pitcher Plate Pocket Porch Postcard Quilt
    Radio Raft Recipe Ribbon Ring River Roof Rope Saddle Sail Scarf School Shelf Shovel Signal
    Sketch Skillet Spoon Stable Staircase Station Stool Story Stove Studio Suitcase Supper Table
    Tapestry Teapot Telescope Tent Thimble Ticket Timber Tower Trumpet Tunnel Umbrella Valley Vase
    Veranda Village Violin Voyage Wagon Wheel Whistle Window Workshop
    """)
# A sentence is one of each.
OPENINGS = (
    "Nobody expected that",
    "It is said that",
    "In the evening",
    "Since last winter",
    "On the second floor",
    "Every other Thursday",
    "Right behind the station",
    "To everybody's surprise",
    "As the label promises,",
    "With a little patience",
    "Before the shop opens,",
    "Long after the rain",
    "At the end of the street",
    "According to the neighbours",
    "On a good day",
    "When the wind turns,",
    "Between two deliveries",
    "After some thought",
    "Under the old clock",
)
SUBJECTS = (
    "the baker",
    "a retired sailor",
    "the smaller of the two",
    "our oldest customer",
    "the night shift",
    "a borrowed ladder",
    "the new apprentice",
    "this very model",
    "the blue one",
    "a flock of starlings",
    "the spare part",
    "the whole street",
    "a careful hand",
    "the first edition",
    "somebody's grandmother",
    "the committee",
    "a single lamp",
)
PREDICATES = (
    "keeps the better half of it.",
    "found a use for the string.",
    "still works as it did on the first day.",
    "asks for very little in return.",
    "makes room for one more.",
    "arrived with all its screws.",
    "left a note on the door.",
    "turned out to be the lighter one.",
    "needs a drop of oil now and then.",
    "is best seen from the other side.",
    "was mended twice and never complained.",
    "fits into a coat pocket.",
    "will be back before the kettle boils.",
    "has a story of its own.",
    "smells faintly of cedar.",
    "takes the long way home.",
    "holds more than it seems to.",
    "answers to no particular name.",
    "waits for the next ferry.",
    "costs less than the paper it came in.",
    "went to somebody who will look after it.",
    "deserves a second look.",
    "was worth the walk.",
)

CITIES = listed(
    "Amsterdam Antwerp Athens Auckland Barcelona Bergen Berlin Bogota Bologna Boston Bristol Brno"
    " Budapest Cairo Cardiff Chicago Copenhagen Cork Dakar Dublin Edinburgh Florence Geneva Ghent"
    " Glasgow Gothenburg Graz Hamburg Helsinki Istanbul Jakarta Kigali Kyoto Lagos Leipzig Lima"
    " Lisbon Ljubljana Lyon Madrid Malmo Manila Marseille Melbourne Montreal Munich Nairobi Nantes"
    " Naples Oslo Ottawa Paris Porto Prague Quito Reykjavik Riga Rotterdam Salzburg Santiago Seoul"
    " Seville Sofia Stockholm Tallinn Tartu Toronto Trieste Turin Utrecht Valencia Vienna Vilnius"
    " Warsaw Wellington Zagreb Zurich"
)
# Name, ISO 3166 two and three letters, a language, a time zone, a currency.
COUNTRIES = (
    ("Argentina", "AR", "ARG", "es", "America/Buenos_Aires", "ARS"),
    ("Australia", "AU", "AUS", "en", "Australia/Sydney", "AUD"),
    ("Austria", "AT", "AUT", "de", "Europe/Vienna", "EUR"),
    ("Belgium", "BE", "BEL", "nl", "Europe/Brussels", "EUR"),
    ("Brazil", "BR", "BRA", "pt", "America/Sao_Paulo", "BRL"),
    ("Canada", "CA", "CAN", "en", "America/Toronto", "CAD"),
    ("Chile", "CL", "CHL", "es", "America/Santiago", "CLP"),
    ("Czechia", "CZ", "CZE", "cs", "Europe/Prague", "CZK"),
    ("Denmark", "DK", "DNK", "da", "Europe/Copenhagen", "DKK"),
    ("Estonia", "EE", "EST", "et", "Europe/Tallinn", "EUR"),
    ("Finland", "FI", "FIN", "fi", "Europe/Helsinki", "EUR"),
    ("France", "FR", "FRA", "fr", "Europe/Paris", "EUR"),
    ("Germany", "DE", "DEU", "de", "Europe/Berlin", "EUR"),
    ("Greece", "GR", "GRC", "el", "Europe/Athens", "EUR"),
    ("Hungary", "HU", "HUN", "hu", "Europe/Budapest", "HUF"),
    ("India", "IN", "IND", "hi", "Asia/Kolkata", "INR"),
    ("Ireland", "IE", "IRL", "en", "Europe/Dublin", "EUR"),
    ("Italy", "IT", "ITA", "it", "Europe/Rome", "EUR"),
    ("Japan", "JP", "JPN", "ja", "Asia/Tokyo", "JPY"),
    ("Kenya", "KE", "KEN", "sw", "Africa/Nairobi", "KES"),
    ("Mexico", "MX", "MEX", "es", "America/Mexico_City", "MXN"),
    ("Netherlands", "NL", "NLD", "nl", "Europe/Amsterdam", "EUR"),
    ("New Zealand", "NZ", "NZL", "en", "Pacific/Auckland", "NZD"),
    ("Nigeria", "NG", "NGA", "en", "Africa/Lagos", "NGN"),
    ("Norway", "NO", "NOR", "nb", "Europe/Oslo", "NOK"),
    ("Poland", "PL", "POL", "pl", "Europe/Warsaw", "PLN"),
    ("Portugal", "PT", "PRT", "pt", "Europe/Lisbon", "EUR"),
    ("South Korea", "KR", "KOR", "ko", "Asia/Seoul", "KRW"),
    ("Spain", "ES", "ESP", "es", "Europe/Madrid", "EUR"),
    ("Sweden", "SE", "SWE", "sv", "Europe/Stockholm", "SEK"),
    ("United Kingdom", "GB", "GBR", "en", "Europe/London", "GBP"),
)
STREETS = listed("""
    Lantern Harbour Orchard Chapel Mill Station Market Bridge Garden Quarry Ferry Linden Tannery
    Observatory Windmill Weaver Cooper Potter Baker Saddler Lighthouse Canal Meadow
    """)
COMPANY_ENDS = ("Works", "Partners", "& Sons", "Trading", "Studio", "Logistics", "Labs")
JOBS = (
    "Accountant",
    "Archivist",
    "Carpenter",
    "Data analyst",
    "Editor",
    "Electrician",
    "Gardener",
    "Librarian",
    "Nurse",
    "Optician",
    "Pastry cook",
    "Pilot",
    "Project manager",
    "Software engineer",
    "Surveyor",
    "Teacher",
    "Translator",
)
STATES = ("active", "pending", "done", "draft", "closed")
COLOURS = ("amber", "blue", "green", "grey", "indigo", "orange", "red", "teal", "violet", "white")
MEDIA_TYPES = ("image/jpeg", "image/png", "text/plain", "application/pdf", "application/json")
ENDINGS = (".jpg", ".png", ".txt", ".pdf", ".json")
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/18.0 Safari/605.1",
)
