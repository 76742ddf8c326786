import type { RecordingDrive } from "@polyreel/uploader/drive/testing";
import { type DeliveryRun, filesOf } from "./delivered-files.js";

const HOME = "Ads/2026/sale";

/** Compares what a server has with what was delivered. `ids`: of the files of earlier batches; new ones are added. */
export function auditDrive(server: RecordingDrive, run: DeliveryRun, ids: Map<string, string>): string[] {
  const user = server.user();
  const expected = filesOf(run);
  const paths = expected.map(({ name }) => `${HOME}/${name}`).sort();
  const problems = [
    ...differences("files", user.files(), paths),
    ...differences("folders", user.folders(), ["Ads", "Ads/2026", HOME, `${HOME}/de`]),
  ];
  const created = [...server.contents.files.values()].filter(({ bytes }) => bytes !== undefined).length;
  if (created !== expected.length) problems.push(`${created} files were created, not ${expected.length}`);
  if (problems.length > 0) return problems;
  for (const { name, bytes, version } of expected) {
    const file = user.at(`${HOME}/${name}`);
    if (!file.bytes?.equals(bytes)) problems.push(`${name} has other bytes`);
    if (file.revision !== version) problems.push(`${name} was written ${file.revision} times, not ${version}`);
    if ((ids.get(name) ?? file.id) !== file.id) problems.push(`${name} has another id than before`);
    ids.set(name, file.id);
    if (file.appProperties.get("polyreelBatch") !== `b${run.batch}`)
      problems.push(`${name} has another batch's receipt`);
  }
  return problems;
}

/** Also finds names that occur twice. */
function differences(what: string, found: readonly string[], expected: readonly string[]): string[] {
  const isSame = found.length === expected.length && found.every((path, i) => path === expected[i]);
  return isSame ? [] : [`the ${what} are ${found.join(", ")}, not ${expected.join(", ")}`];
}
