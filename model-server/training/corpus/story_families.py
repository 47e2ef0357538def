"""Story families: each is a plot with slots, from which stories are told.

A block: `name | topics`, then one sentence a line. `[a|b]` is a choice, a leading `?` makes a sentence optional, `{slot}`
is filled by stories.py: n hero, f friend, he him his (He His: capital), kind, animal, thing, colour, place, place2, food,
weather, helper, feeling. Topics are slots or plain words that a request may name.
"""

FAMILIES = """
lost-thing | thing, colour thing
{n} had {a_colour} {thing}.
{He} took the {thing} everywhere {he} went.
One [day|morning|afternoon] {n} lost the {thing} in {place}.
{n} looked [under a tree|behind a rock|in the tall grass], but the {thing} was not there.
Then {f} came by.
"Do not worry," said {f}. "We will find your {thing} together."
They looked and looked, and at last {f} saw the {colour} {thing} [in the grass|under a leaf|near the old wall].
{n} hugged the {thing} and said, "Thank you, {f}!"
[They laughed all the way home.|From that day on, they looked for lost things together.]

hungry-animal | animal, kindness
{He} saw {a_animal} [near|in] {place}.
The {animal} was [hungry and cold|thin and tired|wet and hungry].
{n} gave the {animal} some {food}.
The {animal} ate it all and followed {him} home.
"Can we keep it?" asked {n}.
{His} [mother|father|grandmother] smiled and said, "Yes, but you must take good care of it."
{n} [promised to feed the {animal} every day|made a soft bed for the {animal}].
From that day on, {n} and the {animal} were best friends.

baking | food, sharing
{n} wanted to make {food} for {his} friend {f}.
But there was no [milk|flour|sugar|salt] in the house.
So {n} went to [the market|the farm] and asked {helper} for help.
Then {he} went home and started to cook.
?{He} made a big mess, but {he} did not stop.
Soon the whole house smelled of {food}.
{f} came in and said, "What a nice smell!"
They ate the {food} together and laughed until the sun went down.

storm | weather rain, rain, storm, fear
One evening it started to rain, and the wind was loud.
{n} was [scared|afraid], but {he} wanted to be brave.
{He} held {his} {colour} {thing} and sang a song.
Then {he} saw a small light near {place}.
It was {helper} with a lamp.
"Come with me," said the voice. "I will take you home."
{n} said thank you and was not afraid any more.
That night {he} slept very well.

found-box | thing, honesty, a box
{n} and {f} found {a_colour} box in {place}.
"What is inside?" asked {f}.
They opened the box and saw {a_thing}.
?It was [shiny|old|very pretty].
The {thing} belonged to {helper}.
"We should give it back," said {n}.
So they walked to {place2} and gave the {thing} back.
Everyone was proud of {n} and {f}, because they were honest.

learn | learning, patience
{n} wanted to learn how to [swim|ride a bike|read|sing|fly a kite|paint|skate|whistle].
At first it was very hard, and {n} wanted to stop.
"Try again," said {f}. "I will help you."
{n} tried again and again.
?Sometimes {he} fell, and sometimes {he} laughed.
After a week {he} could do it alone.
{n} was proud and said, "I will never give up."

seed | garden, flower, a seed, patience
{n} found a tiny seed in {place}.
{He} put it in the ground and gave it water every day.
For a long time nothing happened.
"[Be patient|Wait a little]," said {f}. "Good things take time."
One {weather} morning a green leaf came out of the ground.
The leaf grew into a [tall yellow sunflower|big apple tree|sweet strawberry plant].
{n} and {f} danced around it and were happy.

moon | moon, night, stars
One night {n} could not sleep.
{He} looked out of the window and saw the moon.
"Hello, moon," said {n}. "Are you [lonely|tired|cold] up there?"
The moon [shone a little brighter|smiled a silver smile].
{n} waved, and a small star seemed to wave back.
Then {he} felt warm and sleepy.
{n} closed {his} eyes and dreamed of the stars.

boat | a boat, river, water
{n} and {f} made a small boat out of [wood|paper|an old box].
They took it to the river and gave it a {colour} flag.
The boat went [slowly|fast] down the river.
"Stop!" called {f}, but the boat did not stop.
They ran along the water until the boat came to rest near {place}.
There {helper} caught it and gave it back.
"It is a good boat," said {n}, "but next time we tie a string to it."

lost-animal | animal, lost
One {weather} day {n} heard a small cry in {place}.
It was {a_animal} that had lost its mother.
"Do not cry," said {n}. "I will help you."
{n} carried the little {animal} [over the hill|through the tall grass|past the old mill].
At last they saw a big {animal} that was looking everywhere.
The little {animal} ran to its mother.
{n} waved goodbye and walked home with a warm heart.

birthday | birthday, party, cake, surprise
It was {n}'s birthday, but nobody said a word about it.
{He} went to {place} alone and felt [sad|forgotten].
When {he} came home, the house was dark and quiet.
Then the light went on and everyone called, "Surprise!"
There was {food}, and {f} gave {him} {a_colour} {thing}.
{n} laughed and said, "You did not forget!"
It was the best birthday of {his} life.

snow | snow, winter, a snowman
In the morning everything was white with snow.
{n} and {f} ran outside and made a snowman.
They gave it {a_colour} hat and a carrot for a nose.
"He looks cold," said {f}, so {n} gave him a scarf.
In the evening the sun came out and the snowman got smaller.
"Do not be sad," said {n}. "We will make a new one next winter."
They went inside and drank hot milk.

kite | a kite, wind
{n} had {a_colour} kite with a long tail.
On a windy day {he} took it to {place}.
The kite went up, up, up, until it was very small.
Then the string broke, and the kite flew away.
{n} and {f} ran after it until they came to {place2}.
The kite sat in a tall tree, and {helper} got it down.
{n} tied a stronger string to it and tried again.

two-friends | friendship, a quarrel
{n} and {f} were best friends.
One day both of them wanted the same {colour} {thing}.
"It is mine!" said {n}. "No, it is mine!" said {f}.
They [shouted|pulled], and the {thing} fell on the ground and broke.
Now both of them were sad.
"I am sorry," said {n}. "I am sorry too," said {f}.
They mended the {thing} together and shared it from then on.

slow-animal | animal, patience, a race
There was a race in {place}, and all the animals came.
The slowest of them was {a_animal}.
"You will never win," said the others and laughed.
But the {animal} went on, step by step, and did not stop.
The fast ones [played on the way|fell asleep under a tree].
?{n} stood at the end of the road and cheered.
When they woke up, the {animal} was already there.
"Slow and steady," said the {animal}, and everybody clapped.

dream | a dream, adventure
{n} dreamed that {he} could fly.
{He} flew over {place} and over {place2}.
A [bird|cloud|little star] said, "Come and play with me."
They played until the sky was [red|gold|pink].
Then {n} heard a voice: "Wake up, it is time for breakfast."
{n} opened {his} eyes and found a feather on the bed.
{He} kept the feather for ever.

bridge | courage, a bridge, fear
There was an old bridge near {place}, and {n} was afraid of it.
"It will [break|fall down]," {he} always said.
One day {his} friend {f} stood on the other side and needed help.
{n} took a deep breath and put one foot on the bridge.
Then {he} put the other foot on it, and step by step {he} came across.
"You did it!" said {f}.
From that day on, {n} was not afraid of the bridge any more.

market | market, money, an apple
{n} went to the market with one coin.
{He} wanted to buy {food}.
On the way {he} met {helper} who had nothing to eat.
{n} gave the coin away and went home with empty hands.
The next day there was a basket in front of {his} door.
It was full of {food}.
A note said, "Kindness comes back," and {n} smiled all day.

singing | music, a song, shy
{n} loved to sing, but only when nobody listened.
One day {f} heard {him} singing in {place}.
"You sing so well!" said {f}. "Please sing for all of us."
{n} turned red and shook {his} head.
But that evening everybody was sad, and so {n} began to sing.
Soon they all sang with {him}.
After that {n} sang every evening.

robot | a robot, a machine, computer
{n} built a little robot out of [old cans|boxes and springs|a clock and two spoons].
The robot could say only one word: "Hello."
"Hello," it said to the {animal}. "Hello," it said to the door.
{f} laughed and taught it a second word: "friend."
From then on the robot said, "Hello, friend," to everyone in {place}.
Even {helper} smiled when the robot came by.
{n} thought that two good words are enough.

treasure | treasure, a map, adventure
{n} found an old map in [a book|a bottle|the attic].
It showed a way from {place} to {place2}.
{n} and {f} followed the map all day.
They dug a hole and found a small chest.
Inside there was no gold, only {a_thing} and a letter.
The letter said, "The real treasure is the friend who came with you."
{n} looked at {f}, and both of them laughed.

fishing | a fish, river, water
{n} went fishing with {his} [father|grandfather|uncle].
They sat by the river and waited.
For a long time nothing happened, and {n} counted the clouds.
Then something pulled at the line, and {n} pulled too.
It was a little {colour} fish with big eyes.
"It is too small," said {n}. "Let it grow."
The fish jumped back into the water and waved with its tail.

cat-tree | animal cat, a tree, help
A little cat was high up in a tree near {place}.
"Meow," it cried, because it did not know how to come down.
{n} called {f}, and {f} brought a ladder.
{n} climbed up, step by step, and held out some {food}.
The cat came closer and closer and jumped into {his} arms.
When they were down again, the cat said a very soft "meow".
{n} was sure that it meant thank you.

library | a book, reading, a library
{n} found {a_colour} book in the library.
It had no name on it, and the first page was empty.
"Maybe we must write it ourselves," said {f}.
So {n} wrote one line every day: about {place}, about {food}, about {f}.
When the last page was full, {he} put the book back.
Years later {a_kind} found it and began to read.
"Once upon a time," it said, "there was {a_kind} named {n}."

garden-thief | animal, garden, a thief
Every night something ate the carrots in {n}'s garden.
"Who can it be?" asked {f}.
They hid behind {a_colour} bush and waited.
When the moon came up, {a_animal} came and took a carrot.
"It is hungry," said {n}. "It does not know that this is our garden."
So they planted one more row, only for the {animal}.
After that nobody took carrots in the night any more.

tooth | a tooth, brave
{n} had a loose tooth.
It moved to the left and it moved to the right, but it did not come out.
{f} said, "Eat an apple, then it will come out."
{n} took a big bite, and there was the tooth in the apple.
{He} was a little scared, but it did not hurt.
That night {he} put the tooth under the pillow.
In the morning there was a shiny coin in its place.

shadow | shadow, sun, night
{n} saw that somebody was following {him}.
When {he} ran, it ran, and when {he} stopped, it stopped.
"Who are you?" asked {n}, but there was no answer.
Then {f} laughed and said, "It is your own shadow!"
{n} waved to the shadow, and the shadow waved back.
They danced in {place} until the sun went down.
"See you tomorrow," said {n} to the shadow.

lighthouse | the sea, a lighthouse, a ship, light
{n} lived in a lighthouse by the sea with {his} grandfather.
Every evening they lit the big lamp for the ships.
One night the grandfather was ill, and a storm came up.
{n} climbed all the stairs alone and lit the lamp.
Far away a ship saw the light and found its way home.
The next day the captain brought {him} {a_thing}.
"You saved us," said the captain, and {n} was very proud.

train | a train, a journey, grandmother
{n} took the train to visit {his} grandmother.
{He} looked out of the window and saw {place} and then {place2}.
An old man in the train was sad, because he had lost his {thing}.
{n} looked under the seats and found the {thing} behind a bag.
"You are a good child," said the old man and gave {him} some {food}.
At the station the grandmother was waiting.
{n} told her everything, and they shared the {food}.

first-day | school, shy, a new friend
It was {n}'s first day at school.
{He} knew nobody and sat down in the last row.
At lunch {n} saw another child who sat alone too.
"Do you want some of my {food}?" asked {n}.
"Yes, please," said the child. "My name is {f}."
They ate and talked about {colour} things and about animals.
When {n} came home, {he} said, "I have a new friend."

wish | a wish, a star, magic
{n} saw a falling star over {place}.
"Make a wish," said {f}.
{n} closed {his} eyes and thought for a long time.
{He} did not wish for {a_thing}, and {he} did not wish for {food}.
{He} wished that {f} would always be {his} friend.
"What did you wish for?" asked {f}.
"It has already come true," said {n}.

wooden-toy | thing, grandfather, a toy, a present
{n}'s grandfather made {a_thing} out of wood.
It was not shiny, and it was not new, but it was made with love.
The other children had better toys and laughed at it.
But the wooden {thing} did not break when it fell, and it did not get wet in the rain.
After a year all the other toys were broken.
Then {f} asked, "May I play with your {thing}?"
"Of course," said {n}. "There is room for two."

bees | animal bee, honey, a bee, work
{n} watched the bees in {place}.
"Why do you work all day?" {he} asked a small bee.
"In summer we gather honey, so that we can sing in winter," said the bee.
{n} thought about it and began to gather wood for the winter.
{f} laughed at first, but then {f} helped.
When the cold days came, they had a warm room.
They ate bread with honey and thanked the bees.

dragon | a dragon, magic, a castle
High on the hill there lived a small dragon.
Everybody was afraid of it, but {n} was curious.
{He} went up the hill and found the dragon crying.
"Nobody wants to play with me," said the dragon.
"I do," said {n}, and they played with {a_thing}.
In the evening the dragon lit all the lamps in the town with one breath.
From then on nobody was afraid, and the dragon was never alone.

princess | a princess, a castle, a queen
There was a princess who lived in a big castle and was bored.
One day {n} came to the castle to sell {food}.
"What do you do all day?" asked the princess.
"I work, and then I play in {place}," said {n}.
The princess put on old shoes and went with {him}.
They played until the stars came out.
The next morning the princess said, "Today I will work, and then I will play."

giant | a giant, help
A giant lived behind {place}, and he was so big that he could not see small things.
One day he stepped on {n}'s {thing}.
"Be careful!" called {n} as loud as {he} could.
The giant went down on his knees and looked closely.
"I am sorry," he said. "I did not see you."
He made a new {thing} out of a tree trunk.
Now {n} sits on the giant's hat and tells him where to put his feet.

mirror | a mirror, angry
{n} was in a bad mood and looked into the mirror.
The {kind} in the mirror looked angry too.
"Why are you angry?" asked {n}, but the mirror said nothing.
Then {n} smiled a little, and the {kind} in the mirror smiled as well.
{He} laughed, and the mirror laughed.
"So it begins with me," said {n}.
{He} went out to play with {f} and smiled at everyone.

picnic | a picnic, food, ants
{n} and {f} had a picnic in {place}.
They had {food}, apples and a bottle of juice.
Then a long line of ants came and carried the crumbs away.
"Shoo!" said {f}, but {n} said, "Wait, they are hungry too."
{n} put a piece of {food} on a leaf for the ants.
The ants carried it home, and it looked like a tiny parade.
That was the best part of the picnic.

old-tree | a tree, the forest
An old tree stood in {place}.
Some people wanted to cut it down, because it was old.
"But the birds live in it," said {n}, "and we sit in its shade."
{n} and {f} painted a sign: "This tree is our friend."
{helper} read the sign and thought about it.
"You are right," said the voice. "The tree stays."
In spring the old tree had more flowers than ever before.

bird-wing | animal bird, help, a bird
{n} found a little bird in {place}.
Its wing was hurt, and it could not fly.
{n} carried it home and put it in a warm box.
{He} gave it water and crumbs every day.
After [two weeks|ten days|a month] the bird moved its wing.
{n} opened the window, and the bird flew up into the sky.
Every spring it came back and sang for {him}.

clock | a clock, time
The big clock of the town stood still, and nobody knew the time.
The baker baked too late, and the children came to school too early.
{n} climbed up the tower with {f}.
Inside the clock there was {a_animal}, fast asleep between the wheels.
{n} gave it some {food} and carried it down.
The clock said tick and tock again.
Now {n} visits the {animal} every day at noon.

painter | colours, painting, a picture
{n} had only one colour left: {colour}.
So {he} painted a {colour} house, a {colour} sun and a {colour} cat.
"There are no {colour} cats," said {f} and laughed.
"In my picture there are," said {n}.
They hung the picture up in {place}.
Everyone who saw it began to smile.
The next day somebody put a full box of paint before {n}'s door.

wolf | animal wolf, the forest, a wolf
{n} went through the forest to bring {food} to {his} grandmother.
On the way {he} met a thin grey wolf.
"Where are you going?" asked the wolf.
"To my grandmother," said {n}. "Are you hungry?"
The wolf was so surprised that it forgot to be bad.
{n} gave it half of the {food}, and they walked on together.
The grandmother put a third plate on the table.

island | an island, the sea, a ship
{n} and {f} rowed to a small island.
There they found a hut, and in the hut there was {a_thing}.
"Somebody lives here," said {f}.
Out of the trees came {helper} with a long beard.
"I have been alone for many years," said the voice.
They took the stranger home in their boat and cooked {food}.
From then on the island was a place for summer days.

doctor | ill, a doctor, tea
{n} was ill and had to stay in bed.
The doctor came and said, "You need tea and a good story."
{f} brought the tea, and the {animal} lay down at {his} feet.
"Which story do you want to hear?" asked {f}.
"The one about {place}," said {n}.
Before the story was over, {n} was asleep.
The next morning {he} was well again.

football | a ball, sport, a team
{n} wanted to play ball, but {he} was the smallest.
Nobody wanted {him} in the team.
Then the ball rolled into a narrow hole near {place}.
The big ones could not reach it.
{n} was so small that {he} crawled in and got the ball.
"Play with us!" they all called.
{n} ran as fast as the wind and even made a goal.

umbrella | rain, an umbrella, sharing
It was raining, and {n} had {a_colour} umbrella.
{He} saw {f}, who was wet from head to toe.
"Come under my umbrella," said {n}.
Then they saw {a_animal} that was wet too, and there was room for it as well.
They walked to {place}, close together and slow.
When they came there, the sun was shining again.
"What a pity," said {f}. "I liked it under the umbrella."

ghost | a ghost, night, fear
There was a noise in the attic every night.
"It is a ghost," said {f} and hid under the bed.
{n} took a lamp and went up the stairs.
Something white moved in the corner.
It was {a_animal} under an old sheet.
{n} laughed so loud that {f} came up too.
They gave the ghost some {food} and called it Boo.

bell | a bell, sound, the town
The bell in {place} was old and had no sound any more.
{n} cleaned it with water and a {colour} cloth.
Inside {he} found a bird's nest with three eggs.
"We must wait," said {n}, and everyone waited.
After some weeks the young birds flew away.
Then {n} pulled the rope, and the bell rang louder than ever.
The birds in the sky answered.

letter | a letter, a friend far away, writing
{n} wrote a letter to {f}, who lived far away.
"Dear {f}," {he} wrote, "today I was in {place} and thought of you."
{He} put a {colour} leaf into the letter.
Then {he} waited for a week, and then for another week.
At last the postman came with a small parcel.
In it there was a shell and a letter with only three words.
It said, "Come and visit," and {n} packed {his} bag.

balloon | a balloon, sky, letting go
{n} got {a_colour} balloon at the fair.
The balloon pulled at the string all the time.
"I think it wants to fly," said {f}.
{n} did not want to lose it, but {he} felt that {f} was right.
{He} opened {his} hand, and the balloon went up into the blue sky.
It became as small as a dot.
"Have a good journey," said {n}, and {he} was sad and happy at once.

spider | animal spider, a spider, patience
A spider made a web in the window of {n}'s room.
The wind came and tore it, and the spider began again.
{n} came with a broom, but then {he} stopped and watched.
The spider made the web a third time.
"You never give up," said {n}.
{He} put the broom away and finished {his} homework.
In the morning there were drops on the web, and it shone like silver.

village-well | water, a well, sharing, summer
It was a hot summer, and the well in {place} was dry.
{n} walked to {place2} to find water.
On the way {he} met {a_animal} that could hardly walk.
{n} gave it the last drops from {his} bottle.
The {animal} got up, scratched the ground, and water came out.
{n} called the whole village, and everyone drank.
They named the new well after the {animal}.

mountain | a mountain, adventure, the hill
{n} wanted to see what was behind the mountain.
{He} packed some {food} and {a_thing} and started early.
The way was long, and {his} feet were tired.
At the top {he} met {f}, who had come from the other side.
"What is behind the mountain?" asked both of them.
"My home," said {n}. "My home," said {f}.
They laughed, shared the {food}, and each went to see the home of the other.

lamp | light, a lamp, dark, night
{n} did not like the dark.
So {he} took a little lamp with {him} everywhere.
One night the lamp went out in {place}.
First {n} saw nothing at all.
Then {he} saw one star, then ten, and then more than {he} could count.
"The dark is full of lights," said {n}.
Since then {he} sometimes puts the lamp out on purpose.
"""


class Family:
    def __init__(self, block):
        head, *self.lines = block.strip().splitlines()
        name, topics = head.split("|")
        self.name = name.strip()
        self.topics = [topic.strip() for topic in topics.split(",")]
        self.text = " ".join(self.lines)


FAMILIES = [Family(block) for block in FAMILIES.strip().split("\n\n")]
