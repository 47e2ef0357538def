// The playground’s form: which fields a model and a mode need, and their values in the API’s own names.
import { byId, element, setText } from './element.js'
import { modes, modesOf } from './requests.js'

const numbers = { temperature: 'temperature', 'max-tokens': 'max_tokens', 'top-p': 'top_p', seed: 'seed' }
const stateNotes = {
  asleep: 'It is asleep: the first request wakes it, which can take minutes.',
  starting: 'It is starting: a request waits for it.',
}

export class AskForm {
  #models = []
  #options = ''
  #mode

  get mode() {
    return this.#mode
  }

  get model() {
    return this.#models.find(({ name }) => name === byId('model').value)
  }

  /** Models that can be asked; the chosen one stays chosen. */
  setModels(models) {
    this.#models = models.filter(({ state }) => state !== 'unavailable')
    const options = this.#models.map(({ name }) => name).join()
    if (options === this.#options) {
      this.#showNote()
      return false
    }
    this.#options = options
    const chosen = byId('model').value
    byId('model').replaceChildren(...this.#models.map(({ name }) => element('option', { value: name }, name)))
    const first = this.#models.find(({ state }) => state === 'ready') ?? this.#models[0]
    byId('model').value = this.#models.some(({ name }) => name === chosen) ? chosen : (first?.name ?? '')
    this.showModel()
    return true
  }

  /** Shows the modes of the chosen model; the chosen mode stays when the model has it. */
  showModel() {
    const names = this.model ? modesOf(this.model) : []
    this.#mode = names.includes(this.#mode) ? this.#mode : names[0]
    const legend = byId('modes').firstElementChild
    const radios = names.map((name) =>
      element(
        'label',
        {},
        element('input', { type: 'radio', name: 'mode', value: name, checked: name === this.#mode }),
        element('span', {}, modes[name].label),
      ),
    )
    byId('modes').replaceChildren(legend, ...radios)
    this.#showNote()
    this.showMode(this.#mode)
  }

  showMode(name) {
    this.#mode = name
    const mode = modes[name]
    byId('ask').hidden = !mode
    byId('code').closest('section').hidden = !mode
    if (!mode) return
    setText(byId('prompt-label'), mode.prompt)
    byId('prompt').placeholder = name === 'chat' ? mode.prompt : `${mode.prompt}, for example:\n${mode.example}`
    setText(byId('prompt-hint'), hintOf(name))
    byId('query-row').hidden = !mode.asksQuery
    byId('parameters').hidden = !mode.streams
    for (const field of document.querySelectorAll('.chat-only')) field.hidden = name !== 'chat'
    byId('ask').classList.toggle('plain', !mode.streams)
  }

  /** @returns {import('./requests.js').Values} */
  values(history) {
    return {
      model: byId('model').value,
      prompt: byId('prompt').value,
      query: byId('query').value,
      system: byId('system').value.trim(),
      history,
      parameters: parameters(),
    }
  }

  #showNote() {
    const { model } = this
    setText(byId('model-note'), model ? noteOf(model) : 'No model can be asked now.')
  }
}

function noteOf(model) {
  const unknown = modesOf(model).length === 0 ? `This page has no form for ${model.task}; the API reference has.` : ''
  const parts = [model.description, stateNotes[model.state], unknown].filter(Boolean)
  return parts.length > 0 ? parts.join(' ') : `${model.modelId}, at most ${model.spec.maxModelLen} tokens.`
}

const hintOf = (mode) =>
  mode === 'chat' ? 'Enter sends, Shift+Enter begins a line, Esc stops.' : 'Ctrl+Enter or ⌘+Enter sends, Esc stops.'

/** Only what was filled in: everything else is the engine’s default. */
function parameters() {
  const given = {}
  for (const [id, name] of Object.entries(numbers)) if (byId(id).value !== '') given[name] = byId(id).valueAsNumber
  const stop = byId('stop-texts')
    .value.split('\n')
    .filter((line) => line !== '')
  return stop.length > 0 ? { ...given, stop } : given
}
