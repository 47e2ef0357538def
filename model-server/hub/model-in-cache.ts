// placeholder
export async function modelInCache(_a: unknown, _b: unknown): Promise<string> { return '' }
