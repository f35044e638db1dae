/** What is wrong with a Node that cannot run this; an older one would fail later, and in words of its own. */
export function nodeProblem(version: string): string | undefined {
  const major = Number(/^v?(\d+)\./.exec(version)?.[1]);
  if (major >= 24) return undefined;
  return `mlops-actions needs Node 24 or newer, and this is ${version}. Install it from https://nodejs.org, or by your version manager.`;
}
