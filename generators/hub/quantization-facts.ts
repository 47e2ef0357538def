// How the weights are packed and in which format they want their KV cache, out of config.json or ModelOpt’s hf_quant_config.json.
// Sources: `_normalize_quantization_config` (transformers_utils/model_arch_config_convertor.py) and `get_kv_cache_quant_algo_string`
// (utils/torch_utils.py) of vLLM 0.32.
import { type Config, isConfig } from './read-config.ts'

/** @param side hf_quant_config.json; it counts only where config.json says nothing, as in vLLM. */
export function quantizationFacts(file: Config, side?: Config): { quantization?: string; cacheDtype?: 'fp8' } {
  const inner = isConfig(file.text_config) ? file.text_config : {}
  const stated = [file.quantization_config, file.compression_config, inner.quantization_config].find(isConfig) ?? side
  if (stated === undefined) return {}
  const nested = isConfig(stated.quantization) ? stated.quantization : stated
  const method = methodOf(stated, nested)
  const scheme = stated.kv_cache_scheme ?? nested.kv_cache_scheme ?? nested.kv_cache_quant_algo
  return {
    ...(method === undefined ? {} : { quantization: method }),
    ...(isEightBits(scheme) ? { cacheDtype: 'fp8' as const } : {}),
  }
}

function methodOf(stated: Config, nested: Config): string | undefined {
  const algorithm = String(nested.quant_algo ?? '').toUpperCase()
  if (typeof stated.quant_method === 'string')
    return stated.quant_method.toLowerCase().replace('compressed_tensors', 'compressed-tensors')
  if (algorithm.includes('FP4')) return 'modelopt_fp4'
  return algorithm === '' ? undefined : 'modelopt'
}

const isEightBits = (scheme: unknown): boolean =>
  typeof scheme === 'string'
    ? scheme.toUpperCase().startsWith('FP8')
    : isConfig(scheme) && scheme.num_bits === 8 && scheme.type === 'float'
