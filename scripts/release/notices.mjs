// Licence texts of other people's code: it may be passed on only with them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const TEXT = /^(licen[cs]e|copying|notice)/i;
/** Of our own licence, which is MIT too, without its copyright. */
const MIT = readFileSync(new URL("../../LICENSE", import.meta.url), "utf8").replace(/^[\s\S]*?(?=Permission)/, "");

/**
 * The licences of the packages that modules belong to. Throws for a licence whose text no package contains.
 *
 * @param {string[]} modules Paths; those outside `node_modules` are ours.
 */
export function noticesOf(modules) {
  const folders = new Set(modules.flatMap((path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  const notices = [...folders].map(readNotice).sort((a, b) => a.title.localeCompare(b.title, "en"));
  const parts = notices.map(
    ({ title, source, copyright, licence, text }) =>
      `${"-".repeat(80)}\n${title}\n${source}\n\n${text || `${copyright}\n\n${textElsewhere(licence, notices)}`}\n`,
  );
  return ["This package contains code of the following packages.\n", ...parts].join("\n");
}

function readNotice(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const { name, version, license: licence, author, homepage, repository } = manifest;
  const files = readdirSync(folder).filter((file) => TEXT.test(file) && !/\.[cm]?[jt]s$/.test(file));
  return {
    title: `${name} ${version}, ${licence}`,
    // MPL-2.0 requires the address of the source.
    source: repository?.url ?? repository ?? homepage ?? `npm package ${name}`,
    copyright: `Copyright (c) ${author?.name ?? author ?? `the authors of ${name}`}`,
    licence,
    text: files
      .sort()
      .map((file) => readFileSync(join(folder, file), "utf8").trim())
      .join("\n\n"),
  };
}

/** For packages without a licence file: where its text is. MIT's is repeated, as it is short. */
function textElsewhere(licence, notices) {
  const ids = licence.replaceAll(/[()]/g, "").split(" AND ");
  const texts = ids.map((id) => {
    const other = notices.find((notice) => notice.licence === id && notice.text);
    if (id !== "MIT" && !other) throw new Error(`No package contains the text of ${id}.`);
    return id === "MIT" ? MIT : `Licensed under ${id}: see its text under ${other.title}.`;
  });
  return texts.join("\n");
}
