// CHANGELOG.md in the form of https://keepachangelog.com/en/1.1.0/.
import { SetupError } from "../setup/run.mjs";

const HEADING = /^## \[([^\]]+)\](?: - (\d{4}-\d{2}-\d{2}))?$/gm;

/** A version's section without its heading; undefined if there is none. @param {string} text @param {string} version */
export function sectionOf(text, version) {
  const headings = [...text.matchAll(HEADING)];
  const at = headings.findIndex(([, name]) => name === version);
  if (at === -1) return undefined;
  return text.slice(headings[at].index + headings[at][0].length, headings[at + 1]?.index).trim();
}

/** What the changelog lacks for a release. @param {string} text @param {string} version */
export function changelogProblems(text, version) {
  const section = sectionOf(text, version);
  if (section === undefined) return [`CHANGELOG.md has no section "## [${version}] - <date>".`];
  const date = [...text.matchAll(HEADING)].find(([, name]) => name === version)?.[2];
  return [
    ...(date ? [] : [`CHANGELOG.md states no date for ${version}: "## [${version}] - YYYY-MM-DD".`]),
    ...(section ? [] : [`CHANGELOG.md has an empty section for ${version}.`]),
    ...(sectionOf(text, "Unreleased") ? [`CHANGELOG.md has unreleased changes: they belong to a later version.`] : []),
  ];
}

/**
 * Moves what is unreleased to a section of the version. Throws SetupError if nothing is.
 *
 * @param {string} text @param {string} version @param {string} date Such as 2026-11-30.
 */
export function release(text, version, date) {
  if (!sectionOf(text, "Unreleased")) throw new SetupError("CHANGELOG.md has no unreleased changes.");
  return text.replace("## [Unreleased]\n", `## [Unreleased]\n\n## [${version}] - ${date}\n`);
}
