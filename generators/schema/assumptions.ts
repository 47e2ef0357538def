// Every number the planner assumes instead of knowing, with its source. What rests on an assumed one is printed with ≈.

export interface Assumption {
  value: number
  unit: string
  source: string
  /** When the figure was taken, YYYY-MM-DD. */
  date: string
  kind: 'measured' | 'published' | 'assumed'
}

const assumed = (value: number, unit: string, source: string): Assumption => ({
  value,
  unit,
  source,
  date: '2026-11-24',
  kind: 'assumed',
})

const published = (value: number, unit: string, source: string, date: string): Assumption => ({
  value,
  unit,
  source,
  date,
  kind: 'published',
})

const measured = (value: number, unit: string, source: string): Assumption => ({
  value,
  unit,
  source,
  date: '2026-11-30',
  kind: 'measured',
})

export const assumptions = {
  hubDownloadMbps: assumed(
    200,
    'MB/s',
    'one node pulling safetensors from the Hub over NAT; half of what a 10 Gbit/s link was seen to do',
  ),
  s3DownloadMbps: assumed(
    400,
    'MB/s',
    'eight ranges at once; Amazon’s guide for S3 performance gives 85 to 90 MB/s a request, a node’s disk and a small node’s network less than eight of them',
  ),
  natUsdPerGb: published(0.045, '$/GB', 'Amazon VPC pricing, NAT gateway, us-east-1: data processed', '2026-11-30'),
  weightLoadMbps: assumed(1000, 'MB/s', 'local NVMe to GPU memory through host memory, one stream'),
  gpuNodeBootSeconds: assumed(180, 's', 'Karpenter launch, AL2023 NVIDIA boot, device plugin registration'),
  imagePullSeconds: assumed(150, 's', 'a 10 GB engine image from a public registry'),
  cpuNodeBootSeconds: assumed(60, 's', 'Karpenter launch of an AL2023 node'),
  cpuImagePullSeconds: assumed(30, 's', 'a 0.5 GB image'),
  engineStartSeconds: assumed(
    230,
    's',
    'vLLM without a compile cache, beside loading the weights: 165 to 295 s were logged, such as 193 s (Qwen3-14B, compile 53, graphs 63, MariusWilsch/public-wilsch-ai-pages), 205 s (Llama-70B FP8 on 8 GPUs, vllm issue 19824) and 259 s (Qwen3.6-35B-A3B, issue 44881)',
  ),
  slowestEngineStartSeconds: assumed(
    420,
    's',
    'the slowest start of vLLM that was logged on compute capability 8.0 and later: an INT4 27B on an A100 compiled for 191 s and was not ready after 420 s. Left out: Nemotron 3 in Ray Data, 2,219 s in one compilation (vllm issue 34399)',
  ),
  oldGpuEngineStartSeconds: assumed(470, 's', 'the same on compute capability 7.5: one cold start was logged on a T4'),
  smallEngineStartSeconds: assumed(20, 's', 'process start of text-embeddings-inference or the cpu engine'),
  slowestSmallEngineStartSeconds: assumed(30, 's', 'the same with an ONNX model of 1 GB on half a core'),
  startupSafetyFactor: assumed(
    2,
    '×',
    'over the slowest start that was seen: a slow one must not be killed, since the next would be as cold; a hung one is noticed later',
  ),
  progressDeadlineMargin: assumed(1.5, '×', 'longer than node boot, image pull, download and start together'),
  idleMargin: assumed(1.2, '×', 'of the cold start, what idleAfter leaves a model to wake'),
  preStopSeconds: published(
    10,
    's',
    'EndpointSlice removal reaches the gateway before SIGTERM; vLLM answers 500 to new requests while it drains',
    '2026-11-23',
  ),
  graceMarginSeconds: published(
    20,
    's',
    'vLLM 0.32 ended 8–9 s after its last stream, measured on the CPU build',
    '2026-11-23',
  ),
  unseenGpuShare: assumed(
    0.985,
    'share',
    'of EC2’s figure, what a program can have of a GPU whose own figure was never seen',
  ),
  engineFixedGib: measured(0.45, 'GiB', 'CUDA libraries and workspaces per GPU: start-up logs of vLLM 0.19 to 0.31'),
  ncclGib: measured(0.42, 'GiB', 'communication buffers per GPU when two or more share a model: start-up logs'),
  smallestPeakGib: measured(0.45, 'GiB', 'no peak of a start-up was seen below it, however small batch and model'),
  samplerBytes: measured(15.4, 'B', 'for each logit of one sampling: start-up logs of vLLM 0.19 to 0.31'),
  graphBytes: measured(
    80,
    'B',
    'of one CUDA graph, for each layer and value of a token: start-up logs of vLLM 0.23 to 0.31',
  ),
  expertBuffers: measured(
    3,
    '×',
    'copies of a batch for each of a token’s experts that stay: start-up logs of mixtures',
  ),
  visionGib: assumed(0.3, 'GiB', 'one batch of images through the vision tower'),
  packedWeightShare: measured(
    1.01,
    '×',
    'weights in four or eight bits with their workspaces: up to 2 % more in start-up logs',
  ),
  quantizedLoadShare: measured(
    1.02,
    '×',
    'weights that are quantized while they are loaded: 3 % more in start-up logs',
  ),
  usedContextShare: assumed(0.125, 'share', 'of maxModelLen, what a request takes on average'),
  encoderRuntimeGib: assumed(1, 'GiB', 'activations and CUDA context of text-embeddings-inference'),
  vmMemoryOverheadShare: published(
    0.075,
    'share',
    'vmMemoryOverheadPercent of Karpenter’s chart 1.15.1: what the hypervisor keeps of an instance’s memory',
    '2026-11-30',
  ),
  daemonCpus: published(
    0.25,
    'vCPU',
    'requests on every node: vpc-cni 50 m, kube-proxy 100 m, ebs-csi-node 30 m, and 70 m of apps/addons (device plugin, log shipper)',
    '2026-11-30',
  ),
  daemonMemoryMib: published(
    248,
    'MiB',
    'requests on every node: ebs-csi-node 120 MiB, and 128 MiB of apps/addons (device plugin, log shipper)',
    '2026-11-30',
  ),
  hostMemoryPerWeight: assumed(0.25, 'GiB per GiB', 'host memory while safetensors shards pass through'),
  engineHostMemoryGib: assumed(6, 'GiB', 'Python, CUDA libraries and the API server of vLLM'),
  sharedMemoryGib: published(
    2,
    'GiB',
    'NCCL and the engine’s worker queues need more than the 64 MiB default of /dev/shm',
    '2026-11-23',
  ),
  cpuEngineMemoryFactor: assumed(2.5, '×', 'ONNX weights in memory while they are loaded, plus the KV cache'),
  ephemeralMarginGib: assumed(4, 'GiB', 'compile caches, tokenizer files and logs'),
  otherRegionPrice: assumed(
    1,
    '× the price in us-east-1',
    'taken for a region whose price is not known; those of schema/prices.json ask 1.00 to 1.70 times as much',
  ),
  hoursPerMonth: published(730, 'h', 'AWS pricing calculator', '2026-11-23'),
} as const satisfies Record<string, Assumption>

export type AssumptionName = keyof typeof assumptions
