/**
 * Known vulnerabilities in an answer of `npm audit --json`; or the reason why the registry gives none: not every mirror does. Pure.
 *
 * @param {string} output @returns {{problems: string[], unavailable?: string}}
 */
export function readAudit(output) {
  const answer = JSON.parse(output);
  if (!answer.vulnerabilities) return { problems: [], unavailable: answer.message ?? answer.error?.summary ?? output };
  const found = Object.values(answer.vulnerabilities);
  return {
    problems: found.flatMap(({ name, severity, range, via }) => {
      // Advisories themselves: packages that merely depend on such a package name it instead.
      const advisories = via.filter((one) => typeof one === "object");
      return advisories.map(({ title, url }) => `${name} ${range}: ${title} (${severity}), ${url}`);
    }),
  };
}
