"""The platform's own words, each with the one answer the model learns.

A row: article | name, other names | plural | answer. An empty article or plural: the word has none.
The definitions follow ARCHITECTURE.md; words that are not Slipway's own get one plain sentence.
"""

ROWS = """
a | model file, model yaml | model files | A model file is apps/models/NAME.yaml. It says which model runs, with which engine and in which clusters.
a | lock, lock file, model lock | locks | A lock is apps/models/NAME.lock.json. It records the facts about one pinned revision of a model.
a | cluster file | cluster files | A cluster file is clusters/C/cluster.yaml. It says where models run: region, account, domain and GPU limits.
 | infra outputs, infra.json | | Infra outputs are the file clusters/C/infra.json. The platform program writes them: account, VPC, cluster name and more.
a | tenant file | tenant files | A tenant file is apps/tenants/T.yaml. It holds a tenant's claims, models, limits and API keys.
a | tenant | tenants | A tenant is a team or customer that calls models. Its file says which models it may use, and how much.
an | add-on, addon | add-ons | An add-on is a pinned Helm chart that Argo CD installs, such as KEDA or Karpenter.
an | engine, model engine | engines | An engine is the model server program of a model: vllm, tei or cpu.
an | accelerator | accelerators | An accelerator is the kind of GPU that a model runs on, such as l4 or l40s.
a | rendered file, rendered folder, rendered tree | rendered files | Rendered means generated and committed YAML. It is the only part that Argo CD reads.
an | app | apps | An app is one rendered folder, and so one Argo CD Application.
a | lane, edge lane | lanes | A lane is the edge path of a request. There are two: api for short answers and stream for streams and long ones.
the | api lane | | The api lane goes through the HTTP API. It buffers the answer and ends at 30 seconds.
the | stream lane, streaming lane | | The stream lane goes from CloudFront straight to the load balancer. It is for streams and long answers.
a | diagnostic | diagnostics | A diagnostic is a coded message about your file: code, file, line, what is wrong and what to write instead.
 | synth, npm run synth | | Synth renders everything: it turns your files into Kubernetes YAML. It needs no network and no cluster.
a | plan | plans | A plan holds the derived numbers of one cluster. The command npm run plan shows them.
a | fit | fits | A fit shows how a model fills its GPU's memory: weights, runtime and KV cache.
a | surge | surges | A surge is a rollout that starts the new pod before the old one goes. It needs a spare GPU.
an | assumption | assumptions | An assumption is a number that the planner assumes. What rests on one is printed with a wavy equals sign.
a | rollout, roll-out | rollouts | A rollout replaces old pods by new ones. With a surge the new pod starts first, without one the old pod stops first.
a | rollback, roll-back | rollbacks | A rollback brings back an earlier state. Revert the commit in Git and Argo CD syncs the old files.
a | canary, canary release | canaries | A canary is a careful first step of a change: a small part goes first, and the rest follows when all is well.
the | gateway, api gateway | | The gateway is the one endpoint for clients. It checks tokens and limits, picks a pod and streams the answer.
a | quota, limit | quotas | A quota limits what a tenant may use: requests per minute, tokens per minute and requests at once.
a | rate limit | rate limits | A rate limit says how many requests may come in a time. Above it the answer is 429 with a pause.
a | KV cache, key value cache, key-value cache | KV caches | The KV cache holds the keys and values of all tokens read so far, so the engine need not compute them again.
 | prefill, the prefill phase | | Prefill is the first step of an answer: the engine reads the whole prompt at once and fills the KV cache.
 | decode, decoding, the decode phase | | Decode is the second step of an answer: the engine writes one token after the other.
a | token | tokens | A token is a piece of text, often a short word or a part of a word. Models read and write tokens.
an | access token, bearer token | access tokens | An access token proves who is calling. The gateway verifies it on both lanes.
an | API key | API keys | An API key is a long secret of a tenant. It works on the stream lane only, and Git holds just its sha256.
a | tokenizer | tokenizers | A tokenizer turns text into tokens, and tokens back into text.
a | context window, context, context length | context windows | The context window is the longest prompt plus answer that a model can handle, counted in tokens.
a | prompt | prompts | A prompt is the text that a model gets. Slipway never logs prompts.
a | chat template | chat templates | A chat template turns a list of messages into the one text that a model reads.
a | completion | completions | A completion is text that a model writes to continue a prompt.
an | embedding | embeddings | An embedding is a list of numbers for a text. Texts with a similar meaning get similar numbers.
a | reranker, rerank model | rerankers | A reranker orders documents by how well they answer a question.
a | cold start | cold starts | A cold start is the wait while a model wakes from zero: a node boots, weights load, and the engine starts.
 | spot, spot capacity | spot nodes | Spot is cheaper capacity that AWS may take back at any time. An accelerator can allow it.
 | on-demand, on-demand capacity, on demand | | On-demand is capacity at the full price that AWS does not take back. It is the default.
 | CloudFront, Amazon CloudFront | | CloudFront is the content network of AWS at the edge. Every request to Slipway comes in through it.
 | WAF, AWS WAF, web application firewall | | WAF is the web application firewall at the edge. It limits requests per address and blocks known attacks.
 | Argo CD, ArgoCD, Argo | | Argo CD keeps the cluster equal to Git. It reads the rendered folders and applies them.
 | Karpenter | | Karpenter adds and removes nodes. When a pod needs a GPU, it starts a machine that has one.
 | KEDA | | KEDA scales pods on metrics, also to zero. Slipway uses it for every model that scales.
 | GitOps | | GitOps means that Git holds the wanted state, and a program in the cluster makes it so.
 | Git | | Git keeps every version of every file. In Slipway it holds the whole wanted state.
a | commit | commits | A commit is one saved step in Git, with a name of 40 hex digits. Slipway pins models to a commit.
a | revision, model revision | revisions | A revision is the commit of a model on Hugging Face. A model file always pins one.
a | pull request, PR, merge request | pull requests | A pull request proposes a change in Git. It shows the exact YAML that Argo CD will apply.
 | Slipway, the Slipway platform, this platform, this project | | Slipway serves Hugging Face models on AWS from Git. One small YAML file per model becomes Kubernetes manifests.
 | Kubernetes, K8s | | Kubernetes runs containers on a group of machines. Slipway runs its models there.
 | EKS, Amazon EKS | | EKS is the Kubernetes service of AWS. Slipway's clusters run on it.
 | AWS, Amazon Web Services | | AWS is Amazon's cloud. Slipway's clusters, edge and network live there.
a | cluster, Kubernetes cluster | clusters | A cluster is a group of machines that Kubernetes runs. Each one has a folder in clusters.
a | pod | pods | A pod is the smallest unit that Kubernetes runs: one or more containers on one node.
a | node, worker node | nodes | A node is a machine of the cluster. Pods run on nodes.
a | replica | replicas | A replica is one running copy of a model. More replicas answer more requests at once.
a | deployment, Kubernetes deployment | deployments | A deployment keeps the wanted number of equal pods running.
a | service, Kubernetes service | services | A service gives pods one stable name. The gateway finds models by watching services.
a | namespace | namespaces | A namespace is a named part of a cluster, such as gateway or models.
a | network policy, NetworkPolicy | network policies | A network policy says who may talk to a pod. Slipway denies everything else.
a | pod disruption budget, PodDisruptionBudget, PDB | pod disruption budgets | A pod disruption budget says how many pods must stay up while nodes are drained.
a | ScaledObject | ScaledObjects | A ScaledObject tells KEDA how to scale a model: on which metric and between which limits.
a | manifest | manifests | A manifest is a YAML file that describes one Kubernetes object.
an | init container | init containers | An init container runs before the others. In a model pod it fetches the weights.
a | readiness probe, readiness check | readiness probes | A readiness probe asks a pod whether it can take requests. Until then no request goes there.
a | startup probe | startup probes | A startup probe gives a slow program time to start. Slipway derives it from the size of the weights.
 | weights, model weights, the weights | | Weights are the learned numbers of a model. A pod fetches them before the engine starts.
a | parameter, model parameter | parameters | A parameter is one learned number of a model. I have about two million of them.
 | quantization, quantisation | | Quantization stores weights with fewer bits, such as 8 instead of 16. The model gets smaller and a little less exact.
 | FP8, fp8 | | FP8 is a number format of 8 bits. It halves the memory of weights or of the KV cache.
a | GPU, graphics card | GPUs | A GPU computes many numbers at once. Large models need one, small ones run on a CPU.
 | GPU memory, VRAM, gpu memory | | GPU memory holds the weights and the KV cache. Synth refuses a model that does not fit.
 | tensor parallelism, tensor parallel | | Tensor parallelism splits one model over several GPUs of one machine.
 | vLLM, vllm, the vllm engine | | vLLM is an engine for large language models on GPUs. It serves many requests at once.
 | TEI, tei, text embeddings inference | | TEI is Text Embeddings Inference, the engine for embedding models and rerankers.
the | cpu engine | | The cpu engine is Slipway's own model server. It runs small models without a GPU.
 | Hugging Face, HuggingFace, the Hugging Face Hub | | Hugging Face is the place where models are published. Slipway fetches their weights from its Hub.
 | Pulumi | | Pulumi provisions the AWS parts from TypeScript: network, edge, cluster and the install of Argo CD.
 | TypeScript | | TypeScript is JavaScript with types. Slipway's generators and gateway are written in it.
 | YAML, yaml | | YAML is a text format for data. Model files and manifests are written in it.
 | Helm, a Helm chart, helm charts | | Helm packs Kubernetes manifests into charts. Slipway's add-ons are pinned Helm charts.
 | Prometheus | | Prometheus collects metrics. It reads them from the gateway and from every model pod.
a | metric | metrics | A metric is a number that a program reports about itself, such as requests that wait.
an | SLO, service level objective, service level | SLOs | An SLO is a service level: for example the longest wait for the first token.
 | time to first token, TTFT | | Time to first token is the wait from the request until the first piece of the answer.
 | throughput | | Throughput is how many tokens or requests a system handles in a second.
 | latency | | Latency is the time from a request to its answer.
 | streaming, a stream, server-sent events | | Streaming sends an answer piece by piece while the model still writes it.
 | prefix affinity, prefix caching, prefix cache | | Prefix affinity sends prompts with the same beginning to the same pod, which has them in its cache.
 | load balancing | | Load balancing spreads requests over pods. The gateway picks the pod itself.
the | load balancer, ALB, application load balancer | | The load balancer is internal. It takes requests from the edge and passes them to the gateway.
a | VPC, virtual private cloud | VPCs | A VPC is a private network in AWS. The cluster and the load balancer live inside one.
a | VPC link | VPC links | A VPC link connects the HTTP API with the internal load balancer.
a | VPC origin | VPC origins | A VPC origin lets CloudFront reach the internal load balancer. The stream lane uses it.
an | HTTP API | HTTP APIs | The HTTP API is the AWS front door of the api lane. It checks tokens and ends at 30 seconds.
 | OIDC, OpenID Connect | | OIDC is a standard for sign-in. An issuer signs tokens, and the gateway verifies them.
a | JWT, JSON web token | JWTs | A JWT is a signed token with claims. The gateway verifies its signature and reads the tenant from it.
an | issuer | issuers | An issuer signs access tokens. A cluster file names it under oidc.
 | claims, a claim | | Claims are the facts inside a token, such as client_id. They tell which tenant is calling.
 | idleAfter, idle after | | idleAfter is the time without requests before the last replica goes. It is needed when minReplicas is 0.
 | minReplicas, min replicas | | minReplicas is the fewest replicas of a model. With 0 the model sleeps when nobody calls it.
 | maxReplicas, max replicas | | maxReplicas is the most replicas that a model may have.
 | maxModelLen, max model len | | maxModelLen is the longest prompt plus answer, in tokens. A smaller value needs less GPU memory.
 | scaling to zero, scale to zero | | Scaling to zero removes the last replica of an idle model, so it costs nothing. The next request wakes it.
 | autoscaling, scaling | | Autoscaling adds replicas when requests wait and removes them when it is quiet.
a | gated model | gated models | A gated model asks you to accept its terms on Hugging Face. Its weights need a Hub token.
a | bundled model | bundled models | A bundled model lies in the repository and needs no download. I am one.
the | catalogue, model catalogue, catalog | | The catalogue is the set of model files in apps/models.
a | budget | budgets | A budget is the most a model may cost in a month. Synth refuses a model above it.
the | console | | The console is a web page of the gateway. It shows models, quota and charts, and has a playground.
the | pipeline, generator pipeline | | The pipeline has five steps: load, validate, plan, render and write.
an | alias, model alias | aliases | An alias is a further name that clients may send as the model.
a | sync window | sync windows | A sync window says when Argo CD may not sync by itself, for example on a Friday night.
 | external secrets, External Secrets | | External Secrets copies secrets from AWS Secrets Manager into the cluster, so none is in Git.
 | dev, the dev cluster | | Dev is the cluster for trying things. Prod is the one that people rely on.
 | prod, production, the prod cluster | | Prod is the cluster that people rely on. Try a change in dev first.
"""


class Term:
    def __init__(self, row):
        self.article, names, self.plural, self.answer = (part.strip() for part in row.split("|"))
        self.names = [name.strip() for name in names.split(",")]
        self.key = self.names[0]


TERMS = [Term(row) for row in ROWS.strip().splitlines()]
