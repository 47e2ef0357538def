// Every diagnostic code with its level and meaning. One code per rule; each has exactly one fixture in generators/test/invalid/.

export type Level = 'error' | 'warning'

interface CodeEntry {
  level: Level
  meaning: string
}

const error = (meaning: string): CodeEntry => ({ level: 'error', meaning })
const warning = (meaning: string): CodeEntry => ({ level: 'warning', meaning })

export const codes = {
  // load: files that cannot be read as what they should be
  FILE_EMPTY: error('A source file has no content.'),
  FILE_ENCODING: error('A source file is not UTF-8 text.'),
  FILE_OUTSIDE_REPOSITORY: error('A source file is a symbolic link that leaves the repository.'),
  FILE_TOO_LARGE: error('A source file is larger than 1 MiB.'),
  FILE_TOO_DEEP: error('A source file nests lists and mappings more than 64 levels deep.'),
  FILE_UNEXPECTED: error('A file is where no such file belongs.'),
  FILE_MISSING: error('A file that must be there is not.'),
  YAML_SYNTAX: error('A file is not valid YAML.'),
  YAML_DUPLICATE_KEY: error('A key appears twice in one mapping.'),
  YAML_ALIAS: error('An alias without its anchor, or inside it, or aliases that repeat more than 10,000 values.'),
  YAML_MULTIPLE_DOCUMENTS: error('A file holds more than one YAML document.'),
  KEY_INVALID: error(
    'A key that is a list, a mapping or an alias, or that YAML or programs give a meaning of its own.',
  ),
  JSON_SYNTAX: error('A file is not valid JSON.'),
  // schema: fields
  FIELD_UNKNOWN: error('A key that the schema does not know.'),
  FIELD_MOVED: error('A key that has another place now.'),
  FIELD_MISSING: error('A required key is not there.'),
  FIELD_TYPE: error('A value of the wrong type.'),
  FIELD_VALUE: error('A value that the schema does not allow.'),
  // across files
  NAME_INVALID: error('A file name that cannot be a Kubernetes name, or that is taken by the platform.'),
  CLUSTER_UNKNOWN: error('A file names a cluster that has no folder in clusters/.'),
  REVISION_MISSING: error('A Hub model without a revision.'),
  REVISION_BUNDLED: error('A bundled model with a revision.'),
  WEIGHTS_BUCKET_MISSING: error('Weights come from S3, and infra.json names no bucket of them.'),
  WEIGHTS_SOURCE: error('A model of a bucket of one’s own that the cluster does not copy, or may not read.'),
  WEIGHTS_STREAM: error('Weights are to be streamed, and the engine’s image cannot, or they do not lie in S3.'),
  LOCK_MISSING: error('A model file without its lock.'),
  LOCK_OUTDATED: error('The lock was written by an older version and does not say what the layers keep.'),
  LOCK_STALE: error('The lock belongs to another revision or model.'),
  LOCK_BUNDLED_HASH: error('A bundled model’s folder is not what its lock says.'),
  BUNDLED_MISSING: error('The folder of a bundled model is not there.'),
  PICKLE_WEIGHTS: error('The revision has no safetensors weights.'),
  REMOTE_CODE: error('The model needs code from its repository, which no engine here runs.'),
  ENGINE_UNKNOWN: error('No engine of that name.'),
  ENGINE_MISSING: error('A model has no engine in a cluster.'),
  ENGINE_VERSION_UNKNOWN: error('The engine has no such version.'),
  ENGINE_VERSION_INCOMPLETE: error(
    'The engine version has no image digest, no recorded flag list, or lacks a metric that is read.',
  ),
  ENGINE_IMAGE_MISSING: error('The engine version has no image for the accelerator.'),
  ENGINE_TASK: error('The engine cannot do the model’s task.'),
  ENGINE_ARCHITECTURE: error('The engine cannot do the task with weights of that architecture.'),
  ENGINE_OPTION: error('The engine does not have that option.'),
  ENGINE_ACCELERATOR: error('The engine needs an accelerator, or cannot use one.'),
  ENGINE_ARGUMENT_UNKNOWN: error('extraArgs has a flag that this version’s parser does not know.'),
  ENGINE_ARGUMENT_VALUE: error('extraArgs has a flag without its value, or with one that is not allowed.'),
  ENGINE_ARGUMENT_OWNED: error('extraArgs has a flag that a field or the platform sets.'),
  ENGINE_ARGUMENT_COMPANY: error('extraArgs has a flag without another that it needs, or beside one that excludes it.'),
  ENGINE_ARGUMENT_OFFLINE: error(
    'extraArgs names a repository or a file that the pod, which is offline, does not have.',
  ),
  ENGINE_OPENED: error('extraArgs or env lets callers, code or connections into the engine, and nobody approved it.'),
  ENVIRONMENT_OWNED: error('env sets a variable that the platform sets, or that is a flag of the engine.'),
  ENVIRONMENT_UNKNOWN: error('env sets a variable of the engine that this version does not read.'),
  TENSOR_PARALLEL: error('tensorParallelSize does not fit the GPU count or the model’s heads.'),
  QUANTIZATION_UNSUPPORTED: error('The GPU or the weights cannot be used with that quantization.'),
  ACCELERATOR_NOT_IN_CLUSTER: error('The cluster has no GPUs of that kind.'),
  CAPACITY_ORDER: error('Ways to buy nodes in another order than Karpenter tries them.'),
  CAPACITY_UNRESERVED: error('A model asks for reserved GPUs, and the cluster has none of its kind.'),
  RESERVATION: error(
    'Reserved GPUs that are listed twice, of a kind that the cluster does not have, or more than it may have.',
  ),
  GATEWAY_SETTING: error(
    'A setting of the gateway that contradicts another one, its memory, or what is in front of it.',
  ),
  SCALING_RANGE: error('minReplicas is larger than maxReplicas.'),
  SCALING_IDLE: error('minReplicas 0 without idleAfter, or idleAfter without minReplicas 0.'),
  SCALING_SCHEDULE: error('A schedule whose minutes, time zone or number of replicas cannot be kept.'),
  SCALING_METRIC: error('The engine does not have that metric.'),
  SLO_UNMEASURED: error('An objective that the engine does not measure.'),
  SMOKE_OF_NUMBERS: error('A smoke test that looks for words or a first token in an answer of numbers.'),
  SLO_BETWEEN_BUCKETS: error('An objective between two buckets of the engine’s histogram, so no rule can count it.'),
  ALIAS_TAKEN: error('Two models claim the same name.'),
  TENANT_UNKNOWN: error('A model names a tenant that has no file.'),
  TENANT_MODEL_UNKNOWN: error('A tenant names a model that does not exist.'),
  TENANT_CLAIMS_TAKEN: error('Two tenants are recognised by the same claims.'),
  CANARY_CLIENT: error('The canary’s client belongs to no tenant, so it would never be let in.'),
  TENANT_SHUT_OUT: error('A tenant with which no token of any cluster’s issuer can be let in.'),
  OPERATOR_SCOPE: error('An operator’s scope that no token of any cluster’s issuer has, so that nobody would be one.'),
  TENANT_LIMIT_UNREACHABLE: warning('A limit of a tenant that cannot be reached from one address, or on the api lane.'),
  TENANT_CLAIM_DOUBTFUL: warning(
    'A tenant that the tokens of a cluster’s issuer do not fit, or only when somebody adds a claim to them.',
  ),
  API_KEY_TAKEN: error('Two API keys have the same id or hash.'),
  TOKEN_IN_SOURCE: error('A source file holds a Hugging Face token.'),
  INFRA_MISMATCH: error('infra.json belongs to another cluster, account or region.'),
  INFRA_EXAMPLE: warning('infra.json is an example; the stack has never run.'),
  STACK_MISSING: error('A cluster whose platform was made, without the settings of its stack.'),
  CLUSTER_NAME: error('A cluster’s folder name that names of AWS resources cannot be made of.'),
  REGION_UNKNOWN: error('A region without VPC links, or that nobody has described.'),
  ZONE_UNSUPPORTED: error('A zone in which no VPC link can be, or more zones than the region has.'),
  REGION_ACCELERATOR: error('GPUs of a kind that was never seen for sale in the region.'),
  CIDR_INVALID: error('An address range that is none, or does not begin where it says.'),
  CIDR_OVERLAP: error('Two address ranges that must be apart share addresses.'),
  NETWORK_SUBNETS: error('Subnets of a VPC that is there already do not fit the zones, or are named twice.'),
  KUBERNETES_EXISTING: error(
    'An EKS cluster that is there already, without its VPC, or beside a setting that only its owner can make.',
  ),
  TAG_RESERVED: error('A tag that the platform, a controller or AWS writes itself.'),
  POLICY_ACCOUNT: error('A policy of another account, which no role of this one can have.'),
  CIDR_NOT_PUBLIC: error('A private range where only public ones are allowed.'),
  CIDR_NOT_PRIVATE: error('A public range where only private ones are reached.'),
  KUBERNETES_API_OPEN: error('The Kubernetes API would be reachable from everywhere.'),
  ROLE_TWICE: error('A role that administers the cluster is among those that look.'),
  CERTIFICATE_REGION: error('A certificate of another region or account than the one that needs it.'),
  TRUSTSTORE_BUCKET: error('A truststore in a bucket that the role that applies cannot read.'),
  DOMAIN_INVALID: error('A domain that cannot be a host name, or is too long for a certificate.'),
  DOMAIN_OUTSIDE_ZONE: error('The domain does not lie in its hosted zone.'),
  ISSUER_PRIVATE: error(
    'An issuer in the private network that is said to be somewhere else, or that something outside would have to ask.',
  ),
  GIT_SSH: error('A repository is read over SSH, and the key of Argo CD or of the host is not named.'),
  OIDC_ISSUER: error('An issuer that is not of the kind that the cluster file says.'),
  OIDC_AUDIENCE: error('No audience where tokens name one, or more than the HTTP API compares.'),
  OIDC_SCOPE: error('A scope that no token of this kind of issuer has.'),
  EDGE_KIND: error('A field about a part that an edge of this kind does not have, or lacks.'),
  EDGE_LIMITS: error('An address may send fewer requests with credentials than without.'),
  COUNTRY_UNKNOWN: error('A country code that no country has.'),
  CANARY_COUNTRY: warning('Countries that shut out the canary, whose alarm would then never end.'),
  LOG_RETENTION: error('A number of days for which CloudWatch keeps no log.'),
  TELEMETRY_TARGET: error('Traces have nowhere to go, two places, or one that is not there.'),
  NODES_ALWAYS_QUIET: error('Quiet hours leave no minute of the week in which a node could be patched.'),
  ADDON_UNKNOWN: error('A cluster file names an add-on that has no file.'),
  ADDON_VALUE_UNKNOWN: error('A chart value that this chart version does not have.'),
  ADDON_PLACEHOLDER_UNKNOWN: error('A placeholder in chart values that is not filled in.'),
  ADDON_KEYS_UNPROVEN: warning('The keys of a chart version are not recorded, so its values are not checked.'),
  IMAGE_WITHOUT_DIGEST: warning('One of our own images is named by tag.'),
  // plan
  IDLE_BEFORE_READY: error(
    'idleAfter is shorter than a start may take, so the model would be taken away before it is ready.',
  ),
  CONTEXT_EXCEEDS_MODEL: error('maxModelLen is longer than the model was made for.'),
  MODEL_EXCEEDS_GPU_MEMORY: error('The weights do not fit the GPU memory.'),
  CONTEXT_EXCEEDS_GPU_MEMORY: error('One full-length request does not fit the KV cache.'),
  HOST_MEMORY: error('resources.memory is not more than what extraArgs alone take of it.'),
  NO_INSTANCE_FITS: error('No instance has as many GPUs, or as much CPU and memory, as one replica needs.'),
  REPLICA_EXCEEDS_CLUSTER: error('The smallest node that carries one replica has more GPUs than the cluster may have.'),
  GPU_CAPACITY: warning('The nodes of all models at maxReplicas have more GPUs than the cluster may have.'),
  NODE_EXPIRY: warning('Nodes expire: at once, past every budget and without a replacement.'),
  NODE_EXPIRY_SHORT: error('Nodes expire so soon that a drain could fill half their life.'),
  SLO_UNREACHABLE: error('An objective that the GPU or the gateway’s own time-out cannot hold.'),
  BUDGET_EXCEEDED: error('The model costs more a month than its budget.'),
  // rendered objects
  RENDERED_INVALID: error('A rendered object is not valid for its kind.'),
  RENDERED_NAME: error('A rendered name, label or annotation key is not valid.'),
  RENDERED_DUPLICATE: error('Two rendered objects have the same identity or file.'),
  POD_SECURITY: error('A pod does not meet Pod Security restricted.'),
  SELECTOR_MISMATCH: error('A selector does not match the labels of the pods.'),
  SERVICE_PORT_MISSING: error('A Service, policy or probe names a port that no container has.'),
  GPU_LIMIT: error(
    'A GPU limit is not a positive integer, differs from the request, or has no toleration or node pool.',
  ),
  IMAGE_UNPINNED: error('A container image is `latest` or has no tag and no digest.'),
  SECRET_RENDERED: error('A rendered Secret.'),
  TOKEN_RENDERED: error('A rendered object holds a Hugging Face token.'),
  APPLICATION_ORPHAN: error('A rendered folder without Application, or an Application without its folder.'),
  // write
  RENDERED_FOREIGN: error('A file in rendered/ that synth did not write.'),
} as const satisfies Record<string, CodeEntry>

/** What lock says besides, about a model on the Hub. Each has one example in generators/test/commands/lock.test.ts. */
export const hubCodes = {
  HUB_UNREACHABLE: error('No network, or the Hub answers nothing; exit code 2.'),
  HUB_BUSY: error('The Hub still refuses after all attempts: too many requests, or it is away.'),
  HUB_ANSWER: error('What the server answers is not the Hub’s protocol, or cannot be a lock.'),
  HUB_MODEL_UNKNOWN: error('The Hub shows no model of that name.'),
  HUB_REVISION_UNKNOWN: error('The model has no such commit.'),
  HUB_MODEL_RENAMED: error('The Hub has the model under another name.'),
  HUB_GATED: error('The terms of the model are not accepted, or no token shows that they are.'),
  LICENCE: error('The licence is not among those under which a model may be served.'),
  MODEL_NOT_SERVED: error(
    'A repository of the Hub that no engine here serves: another kind of model, or no whole one.',
  ),
  MODEL_CONFIG: error('config.json does not describe a model that an engine here could load.'),
  MODEL_ATTENTION: error('config.json has layers of a kind whose cache is not known, so nobody could say what fits.'),
} as const satisfies Record<string, CodeEntry>

export type Code = keyof typeof codes

export type HubCode = keyof typeof hubCodes
