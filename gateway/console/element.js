// Finding and making elements. Text is always text, never markup.

/** @returns {any} the element of the page with this id */
export function byId(id) {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no #${id}`)
  return found
}

/** Element with attributes and children; an attribute that is undefined or false is left out. */
export const element = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children)

/** The same in SVG. */
export const svgElement = (tag, attributes = {}, ...children) =>
  filled(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children)

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value))
  made.append(...children)
  return made
}

/** Changes a text only when it differs, so that a selection in it and screen readers stay undisturbed. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text
}
