// Variables that open any program: the loader and the languages run what they name, proxies see what it sends.
import type { Opening } from './engine.ts'

const all = (names: readonly string[], what: string): [string, Opening][] => names.map((name) => [name, { what }])

const code = 'runs code that is neither the engine’s nor reviewed here'

export const processOpenings: Readonly<Record<string, Opening>> = {
  ...Object.fromEntries([
    ...all(['LD_PRELOAD', 'LD_AUDIT', 'LD_LIBRARY_PATH', 'PATH', 'BASH_ENV', 'ENV', 'NODE_OPTIONS'], code),
    ...all(['PYTHONPATH', 'PYTHONHOME', 'PYTHONSTARTUP', 'PYTHONINSPECT', 'PYTHONBREAKPOINT', 'PYTHONUSERBASE'], code),
    // Pickled weights are loaded again, and they run code.
    ...all(['TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD'], code),
    ...all(['HF_ENDPOINT'], 'takes files from another place than the Hub'),
    ...all(['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'], 'sends the engine’s connections through another host'),
  ]),
  TRANSFORMERS_OFFLINE: { what: 'lets the engine ask the Hub while it runs', when: /^(?:0|false|no|off|)$/i },
}
