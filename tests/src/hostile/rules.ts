/** CEL rules of a few hundred characters that are far more expensive than they look. */
export const COSTLY_RULES: Readonly<Record<string, readonly string[]>> = {
  "seven nested macros": [nestedMacros(7)],
  "nine nested macros": [nestedMacros(9)],
  "a list doubled 26 times": [`size([[0]]${".map(a,a+a)".repeat(26)}[0]) > 0`],
  "a text doubled 26 times": [`size(['x']${".map(a,a+a)".repeat(26)}[0]) > 0`],
  "a pattern that backtracks": ["t.matches('^(a+)+$')", "t.matches('(x*)*y')"],
  "a pattern that repeats": [`t.matches('${"(((a{1,50}){1,50}){1,50}){1,50}"}')`],
  "900 parentheses": [`${"(".repeat(900)}true${")".repeat(900)}`],
  "1900 exclamation marks": [`${"!".repeat(1900)}true`],
  "a long conditional": [`${"true ? ".repeat(200)}true${" : true".repeat(200)}`],
  "64 rules of unknown labels": Array.from({ length: 64 }, (_, i) => unknownLabels(i)),
};

function nestedMacros(depth: number): string {
  const list = "[0,1,2,3,4,5,6,7,8,9]";
  let rule = "true";
  for (let i = 0; i < depth; i++) rule = `${list}.all(x${i}, ${rule})`;
  return rule;
}

function unknownLabels(seed: number): string {
  return `t in [${Array.from({ length: 300 }, (_, i) => `'${(seed * 300 + i).toString(36)}'`).join(",")}]`;
}
