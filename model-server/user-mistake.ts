// A mistake in how the program is started: reported in one line, exit code 1, no stack.

export class UserMistake extends Error {}
