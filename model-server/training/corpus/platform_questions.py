"""Questions about working with the platform: an answer, then phrasings, one a line.

The last two phrasings of each block are never trained on; the evaluation asks them.
"""

BLOCKS = """
= Write apps/models/NAME.yaml, run npm run lock and npm run synth, then commit the model file, its lock and the rendered files.
how do I add a model
how can I add a new model
how to add a model
add a model
what do I do to add a model
how do I deploy a model
how do I deploy a new model
how can I serve a new model
I want to add a model
which steps add a model
how do I put a model on slipway
how do I publish a model
how do I run my own model
what are the steps to add a new model
how would I add another model
i need to deploy a new model

= Delete the model file and its lock, run npm run synth and commit. Argo CD then removes its pods.
how do I remove a model
how can I delete a model
how to remove a model
remove a model
delete a model
I want to remove a model
how do I get rid of a model
how do I take a model away
how do I uninstall a model
what do I do to delete a model
how would I remove a model I no longer need

= Revert the commit in Git and merge. Argo CD then syncs the earlier state.
how do I roll back
how can I roll back a change
how to roll back
how do I undo a change
how do I go back to the old version
how do I revert a model
how do I roll back a model
how do I rollback
I want to roll back
undo a bad change
how do I undo a rollout
how can I go back to an earlier version
the new version is broken, how do I go back

= Set minReplicas: 0 and an idleAfter such as 15m under scaling in the model file, then run npm run synth.
how do I scale to zero
how can I scale a model to zero
how to scale to zero
scale a model to zero
how do I make a model sleep
how do I turn a model off when nobody uses it
I want a model to scale to zero
how do I let a model go to zero replicas
how do I save money when a model is idle
how can a model sleep when idle
how do I set up scale to zero for a model

= Raise maxReplicas under scaling in the model file and run npm run synth.
how do I add replicas
how can I scale up a model
how do I scale up
how to get more replicas
how do I serve more requests
how do I run more copies of a model
I need more replicas
scale up a model
how do I change the number of replicas
how can I get more replicas of a model
how do I run a model with more replicas

= Set accelerator in the model file, for example l4, and run npm run synth. It refuses a model that does not fit.
how do I use a GPU
how do I choose a GPU
how can I give a model a GPU
how to run a model on a GPU
how do I change the GPU
which field sets the GPU
how do I pick an accelerator
how do I move a model to another GPU
I want to use a different GPU
how can I select the GPU of a model
how do I run a model on an l4

= Set engine in the model file to vllm, tei or cpu, and run npm run synth.
how do I choose an engine
how can I change the engine
how to set the engine
which field sets the engine
how do I switch the engine
how do I use vllm
change the engine of a model
how do I pick an engine
how can I select another engine
how do I switch a model to another engine

= There are three engines: vllm for large language models, tei for embeddings and rerankers, and cpu for small models.
which engines are there
what engines exist
list the engines
which engines can I use
what are the engines
how many engines are there
what engines does slipway know
which engines does slipway support
tell me which engines I can choose

= Change revision in the model file, run npm run lock and npm run synth, and commit all of it.
how do I update a model
how can I change the revision
how do I upgrade a model
how to update a model
how do I bump a revision
how do I get a newer version of a model
I want to update a model
how do I pin another revision
update the revision of a model
how can I move to a newer revision
how do I upgrade to a new model revision

= Write apps/tenants/T.yaml with claims and limits, run npm run synth and commit.
how do I add a tenant
how can I add a new tenant
how to add a tenant
add a tenant
how do I give a team access
I want to add a tenant
how do I let a new team in
how do I create a tenant
how do I onboard a team
how can I create a new tenant
what do I do to add another tenant

= Change limits in the tenant file: requestsPerMinute, tokensPerMinute or concurrency. Then run npm run synth.
how do I change a quota
how can I raise a limit
how to change the limits of a tenant
how do I set a quota
how do I raise the quota
how do I limit a tenant
how can I give a tenant more requests
I need a higher quota
change the rate limit of a tenant
how can I set the quota of a tenant
how do I increase a tenant's limit

= Put the chart's name and a pinned version in apps/addons, run npm run synth and commit.
how do I add an add-on
how can I install a Helm chart
how to add an addon
how do I install an add-on
how do I add a helm chart
add an add-on
I want to install a chart
how do I update an add-on
how can I add a new add-on
how do I install another helm chart

= Make clusters/NAME/cluster.yaml and its infra.json, then run npm run synth.
how do I add a cluster
how can I add a new cluster
how to add a cluster
add a cluster
I want another cluster
how do I create a cluster
how do I set up a new cluster
how can I create another cluster
what do I do to add a cluster

= Run npm ci and npm start. It starts the model server and the gateway on your machine, with no cloud account.
how do I run it locally
how can I try it on my laptop
how do I start
how do I run slipway locally
how to run this on my machine
how do I get started
how do I try slipway
can I run it on my laptop
how do I start it
where do I begin
how can I run slipway on my own computer
what do I type to start it locally

= Run npm ci and npm test. Add a part of a path to run only some tests.
how do I run the tests
how can I test it
how to run the tests
run the tests
how do I test
which command runs the tests
how can I run all tests
what command starts the tests

= Run npm run synth -- --check. It compares only, and changes nothing.
how do I check the rendered files
how can I see whether the files are fresh
how do I check my change
how to check the rendered tree
is there a dry run
how do I validate my model file
how do I know my files are right
how can I check that the rendered tree is fresh
how do I check a model file

= Run npm run explain -- NAME FIELD. It shows which rendered lines a field reaches and where numbers come from.
how do I see where a number comes from
what does npm run explain do
how can I find out where a value comes from
what does explain do
how do I explain a field
which command explains a field
how do I trace a derived number
how can I see what a field changes

= Run npm run plan. It shows GPUs, replicas, context and the cost a month for each model.
how do I see the cost
what does a model cost
how much does a model cost
what does npm run plan do
how can I see the price
how expensive is a model
where do I see the costs
how do I find out what a model costs
how can I see what everything costs

= Send an OpenAI request to the gateway at /v1/chat/completions, with your token and the model's name.
how do I call a model
how can I send a request
how do I use a model
how to call a model
how do I send a chat request
which url do I call
how do I use the openai client
how do I talk to a model
how can a client call a model
how do I make a request to a model

= Use the stream lane: the base URL ends in /stream/v1. There an answer may take long.
how do I stream
how can I stream an answer
how do I get a stream
how to stream tokens
how do I use the stream lane
my answer takes longer than 30 seconds
which url is for streams
how do I get long answers
how can I stream the tokens of an answer
what do I use for long answers

= Synth collects all mistakes as diagnostics and writes nothing. Each one says the line and what to write instead.
what happens when my file is wrong
what happens if I make a mistake
what if my model file is broken
what does synth do with errors
what happens on an error
what if there is a typo in my file
what does slipway do when I make a mistake
what happens with a wrong model file

= Your request is too early or too often: the gateway answers 429 with a pause. Wait, then try again.
what does 429 mean
why do I get 429
what is error 429
I get a 429
why are my requests refused
what do I do about 429
why does the gateway answer 429
what should I do when I get a 429

= The token is missing, wrong or expired. Send a fresh one in the Authorization header.
what does 401 mean
why do I get 401
what is error 401
I get a 401
why is my token refused
what do I do about 401
why does the gateway answer 401
what should I do when I get a 401

= It does not fit the GPU. Take a larger accelerator, a smaller maxModelLen or quantization; the diagnostic says which.
my model does not fit
what if a model does not fit
the model is too big
why does my model not fit
what do I do when a model is too large
my model needs too much memory
out of gpu memory
what can I do if the model is too big for the gpu
my model is too large for its gpu

= Model files are in apps/models, one YAML file per model with its lock beside it.
where are the models
where do I find the model files
where is the list of models
in which folder are the models
where are model files kept
where is the catalogue
which folder holds the models
in what folder do I find model files

= Secrets are never in Git. They are in AWS Secrets Manager, and External Secrets brings them into the cluster.
where are the secrets
where do I put secrets
are there secrets in git
how are secrets kept
where is the hub token
how does slipway keep secrets
where are passwords kept
where do secrets live
how do you store secrets

= No. Synth is a pure function of the repository: it needs no network, no cluster and no cloud account.
does synth need a cluster
does synth use the network
do I need aws for synth
does synth need the internet
can synth run offline
do I need a cloud account
does synth work without a network
is a cluster needed for synth

= Argo CD syncs from Git, so a change goes live when it is merged. Nobody applies files by hand.
how does a change go live
when is my change live
who deploys my change
how does a change reach the cluster
what happens after I merge
what happens when I merge
how do changes get deployed
how does my commit get into the cluster

= The api lane has a limit of 30 seconds. For longer answers use the stream lane.
how long may a request take
what is the time limit
what is the timeout
how long can an answer take
when does a request time out
is there a time limit
what is the timeout of the api lane
how many seconds may an answer take

= The gateway picks a pod that has the prompt's beginning in its cache, or else the least loaded one.
how does the gateway choose a pod
how are requests balanced
how does load balancing work
which pod gets a request
how does the gateway pick a pod
how are requests spread
how does the gateway decide where a request goes
which pod does the gateway choose

= No. The gateway logs no prompt, no answer and no token.
are prompts logged
do you log prompts
does the gateway log my prompts
is my prompt stored
who can read my prompts
are my answers logged
do you keep what I write
are the prompts written to a log
does slipway store my prompts

= The diagnostic goes away when you write what its hint says. Then run npm run synth again.
how do I fix a diagnostic
what do I do about a diagnostic
how to fix a diagnostic
I got a diagnostic
how do I get rid of a diagnostic
how can I fix a diagnostic
synth printed a diagnostic, what now

= A model file says what should run. A lock records facts about the pinned revision, so synth needs no network.
what is the difference between a model file and a lock
model file or lock
how does a lock differ from a model file
difference between lock and model file
model file versus lock
how is a model file different from a lock
compare a lock and a model file

= The api lane is for short answers and ends at 30 seconds. The stream lane is for streams and long answers.
what is the difference between the lanes
which lane should I use
what is the difference between the api lane and the stream lane
api lane or stream lane
how do the lanes differ
which lanes are there
why are there two lanes
what lanes exist
when do I use which lane
how does the api lane differ from the stream lane

= Prefill reads the whole prompt at once. Decode then writes the answer, one token after the other.
what is the difference between prefill and decode
prefill or decode
how do prefill and decode differ
difference between decode and prefill
prefill versus decode
how does prefill differ from decode
compare prefill and decode

= Spot is cheaper, but AWS may take it back. On-demand costs more and stays.
what is the difference between spot and on-demand
spot or on-demand
how do spot and on demand differ
is spot cheaper
should I use spot
spot versus on-demand
how does spot differ from on-demand
compare spot and on-demand
"""


class Question:
    def __init__(self, block):
        answer, *self.phrasings = block.strip().splitlines()
        self.answer = answer.removeprefix("= ")
        self.trained, self.held_out = self.phrasings[:-2], self.phrasings[-2:]
        self.key = self.phrasings[0]


QUESTIONS = [Question(block) for block in BLOCKS.strip().split("\n\n")]
