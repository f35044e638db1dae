/**
 * The operator of a rule and the value by which what was observed would be allowed, as YAML (`mustBeLessOrEqualTo: 7`).
 * @param operator a key of the rule. @param limit its value.
 * @returns undefined for keys that are no operators, and for those that no number satisfies better.
 */
export function editedLimit(operator: string, limit: unknown, observed: number): string | undefined {
  if (operator === 'mustBeBetween' && Array.isArray(limit)) {
    const [low, high] = [Number(limit[0]), Number(limit[1])];
    return `${operator}: [${Math.min(low, observed)}, ${Math.max(high, observed)}]`;
  }
  if (typeof limit !== 'number') return undefined;
  switch (operator) {
    case 'mustBe':
      return observed > limit ? `mustBeLessOrEqualTo: ${observed}` : `mustBeGreaterOrEqualTo: ${observed}`;
    case 'mustBeLessThan':
    case 'mustBeLessOrEqualTo':
      return `mustBeLessOrEqualTo: ${observed}`;
    case 'mustBeGreaterThan':
    case 'mustBeGreaterOrEqualTo':
      return `mustBeGreaterOrEqualTo: ${observed}`;
    default:
      return undefined;
  }
}
