// The console page: the token, the status that is asked for again and again, and the parts that show it.
import { byId, setText } from './element.js'
import { ModelsTable } from './models-table.js'
import { OperatorView } from './operator-view.js'
import { Playground } from './playground.js'
import { StatusPoll } from './status-poll.js'
import { forgetToken, keepToken, readToken, takeTokenFromAddress, tokenEvents } from './token.js'
import { Traffic } from './traffic.js'
import { Usage } from './usage.js'

// First of all, so that the token is in the address for as short as possible.
takeTokenFromAddress()

const poll = new StatusPoll()
const playground = new Playground()
const table = new ModelsTable((name) => playground.choose(name))
const parts = [table, new Usage(), new Traffic()]
const operatorView = new OperatorView()

function showConsole() {
  byId('sign-in').hidden = true
  byId('console').hidden = false
  byId('forget').hidden = false
  setConnection('waiting', 'Connecting')
  poll.start()
}

function showSignIn(reason) {
  poll.stop()
  playground.stop()
  operatorView.clear()
  setNotice('')
  setConnection('', '')
  byId('console').hidden = true
  byId('forget').hidden = true
  byId('tenant').hidden = true
  byId('sign-in').hidden = false
  setText(byId('sign-in-reason'), reason)
  byId('token').focus()
}

function setConnection(state, text) {
  byId('connection').dataset.state = state
  setText(byId('connection'), text)
}

function setNotice(text) {
  setText(byId('notice'), text)
  byId('notice').hidden = text === ''
}

poll.addEventListener('status', ({ detail: status }) => {
  setConnection('live', 'Live')
  setNotice('')
  setText(byId('tenant'), status.tenant)
  byId('tenant').hidden = false
  table.show(status.models)
  for (const part of parts.slice(1)) part.show(status)
  playground.setModels(status.models)
  table.mark(playground.model)
  operatorView.show(status.operator)
})

poll.addEventListener('problem', ({ detail: { failure, seconds } }) => {
  setConnection('lost', failure.status === 0 ? 'Offline' : 'Trouble')
  const code = [failure.status || '', failure.code].filter(Boolean).join(' ')
  setNotice(
    `${failure.message || 'The gateway failed.'} (${code}) What you see may be old; trying again in ${seconds} s.`,
  )
})

playground.addEventListener('model', () => table.mark(playground.model))
playground.addEventListener('ended', () => poll.now())

byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault()
  const field = byId('token')
  const text = field.value
  field.value = ''
  if (!keepToken(text)) setText(byId('sign-in-reason'), 'A token has no spaces and only plain characters.')
})
byId('forget').addEventListener('click', () => {
  playground.clear()
  forgetToken('The token is forgotten.')
})
tokenEvents.addEventListener('kept', showConsole)
tokenEvents.addEventListener('forgotten', ({ detail }) => showSignIn(detail))
// A link with a token that is opened in a tab which has the page already changes only the hash.
window.addEventListener('hashchange', takeTokenFromAddress)

if (readToken() === null) showSignIn('')
else showConsole()
