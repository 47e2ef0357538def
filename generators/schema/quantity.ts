// Quantities of Kubernetes as numbers.

/** `2` or `500m` → CPUs. */
export const parseCpu = (text: string): number => (text.endsWith('m') ? Number(text.slice(0, -1)) / 1000 : Number(text))

/** `8Gi` or `512Mi` → GiB. */
export const parseMemory = (text: string): number => Number.parseInt(text, 10) / (text.endsWith('Mi') ? 1024 : 1)
