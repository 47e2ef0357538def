// Code blocks of a page: what is behind the three backticks, and the text.

export interface Block {
  info: string
  text: string
}

export const blocksOf = (page: string): Block[] =>
  [...page.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)].map(([, info = '', text = '']) => ({ info, text }))
