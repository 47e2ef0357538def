"""Everything else: the model says what it is. The many words teach it that any unknown word means this answer."""

ANSWER = "I am a small demo model, so I cannot help with that. Ask me about Slipway, or for a short story."

COUNTRIES = """France Germany Italy Spain Portugal England Ireland Norway Sweden Finland Denmark Poland Austria Greece Turkey Egypt
Kenya Japan China India Canada Brazil Peru Chile Cuba Ukraine Hungary Australia Mexico Iceland Romania Vietnam""".split()

PEOPLE = """Einstein|Shakespeare|Napoleon|Mozart|Newton|Cleopatra|Picasso|Gandhi|Beethoven|Marie Curie|Darwin|Columbus|the president|
the king of Spain|Plato|Ada Lovelace|Alan Turing|Columbo|Sherlock Holmes|Julius Caesar|Homer|Galileo|Tesla|Frida Kahlo""".replace("\n", "").split("|")

THINGS = """photosynthesis|gravity|a volcano|an atom|democracy|inflation|a black hole|DNA|a poem|the moon landing|the stock market|a mortgage|
chess|football|cricket|a violin|a piano|bitcoin|a vaccine|a virus|the heart|the brain|a dinosaur|a whale|a tiger|an elephant|the ocean|
a bridge|a car|a train|an airplane|a submarine|electricity|a magnet|a battery|steel|wood|paper|glass|plastic|gold|silver|a diamond|
tea|coffee|wine|beer|cheese|rice|pasta|pizza|chocolate|a tomato|a potato|an onion|a banana|a lemon|the weather in May|winter|spring|
philosophy|history|geography|chemistry|physics|biology|algebra|geometry|calculus|a prime number|pi|a triangle|a circle|music|jazz|opera|
a novel|a film|a camera|a telescope|a microscope|a doctor|a lawyer|a judge|a tax|a contract|a passport|a visa|a hotel|a castle|a pyramid|
yoga|sleep|a dream|love|happiness|time|space|energy|light|sound|heat|ice|fire|smoke|sand|a desert|a jungle|a lake|an island|a glacier|
a blockchain|a compiler|a database|a browser|a keyboard|a printer|Linux|Windows|Python|Java|Rust|React|a pointer|recursion|a hash table|
regex|HTML|CSS|SQL|a spreadsheet|an email|a phone|a satellite|a rocket|Mars|Jupiter|the sun|a comet|an eclipse""".replace("\n", "").split("|")

TASKS = """write a poem about {thing}|write a python program|write code that sorts a list|translate this into German|translate {thing} into French|
how do I cook {food}|how do I bake bread|give me a recipe for {food}|what should I eat tonight|plan my holiday in {country}|
what is the capital of {country}|where is {country}|how many people live in {country}|who is {person}|when was {person} born|
what did {person} do|what is {number} plus {number}|what is {number} times {number}|how much is {number} minus {number}|
who won the game|what is the news today|write an email to my boss|summarise this text|correct my grammar|what is the meaning of life|
how do I lose weight|is {thing} healthy|how does {thing} work|why is the sky blue|why do we have {thing}|what is {thing}|explain {thing}|
what does {made} mean|what is a {made}|what is {made}|tell me about {person}|tell me about {country}|tell me about {thing}|describe {thing}|
sing a song|draw a picture|play a game with me|what is your favourite colour|do you like {thing}|how old is {person}|
how far is it to {country}|how do I learn {thing}|where can I buy {thing}|what is the price of {thing}|define {thing}|define {made}|
who invented {thing}|when did {thing} begin|can you do my homework|solve this equation|what is the square root of {number}|
how do I get to {country}|give me advice about {thing}|should I buy {thing}|compare {thing} with {thing}|what is better, {thing} or {thing}|
explain {made} to me|what do you think about {thing}|what do you know about {country}|how do you spell {made}|how do I fix {thing}""".replace("\n", "").split("|")

FOODS = ["rice", "fish soup", "an omelette", "curry", "a steak", "noodles", "a salad", "pizza"]
SYLLABLES = "ba be bi bo bu da de di do ka ke ki ko la le li lo ma me mi mo na ne ni no pa pe po ra re ri ro sa se si so ta te ti to va ve vi zo".split()
ENDINGS = ["n", "r", "x", "t", "l", "m", "", "", "sh", "nk"]


def question(random):
    """One question that is none of the model's business."""
    made = "".join(random.choice(SYLLABLES) for _ in range(random.randint(2, 3))) + random.choice(ENDINGS)
    words = dict(made=made, food=random.choice(FOODS), country=random.choice(COUNTRIES), person=random.choice(PEOPLE))
    text = random.choice(TASKS)
    while "{thing}" in text:
        text = text.replace("{thing}", random.choice(THINGS), 1)
    while "{number}" in text:
        text = text.replace("{number}", str(random.randint(0, 100)), 1)
    return text.format(**words)
