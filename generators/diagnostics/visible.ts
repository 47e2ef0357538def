// What people wrote in their files, as a terminal, a log or a comment may show it: characters that do not show, or that turn the
// text around them (https://trojansource.codes), are written as escapes.

/** Control characters but for line ends and tabs, formats, half characters; not what only chooses the picture of an emoji. */
const hidden = /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]--[\n\t\ufe0e\ufe0f]]/gv

const escaped = (text: string): string =>
  Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')

/** In JSON, where such characters are in strings only, it says the same as before. */
export const visible = (text: string): string => text.replace(hidden, escaped)

/** More of one message helps nobody: a key may be as long as its file. */
const longest = 1000

/** The same on one line, as a message must be: another line would look like another message. */
export function visibleLine(text: string): string {
  const short = text.length <= longest ? text : `${text.slice(0, longest - 1)}…`
  return visible(short.replaceAll('\n', '\\n'))
}
