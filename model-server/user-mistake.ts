// A mistake of whoever starts the program: told in one line, exit code 1, no stack.

export class UserMistake extends Error {}
