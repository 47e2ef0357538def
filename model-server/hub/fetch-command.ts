// placeholder
export async function fetchCommand(_a: unknown, _b: unknown): Promise<void> {}
