import { join } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { CombinationState, OutputsFormat, type OutputsLinkSchema } from "@polyreel/contract";
import { combinationsOf } from "../client/combinations.js";
import { type Connection, connectTo } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import { fetchableOutputs, notFetchable, statesToFetch } from "../flags/fetchable.js";
import type { FilterFlags } from "../flags/filter.js";
import { openFolder } from "../folder.js";
import { interruptible } from "../interrupt.js";
import { counted } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";
import { openDownload, writeWhole } from "./download.js";
import { fetchFile } from "./fetch-file.js";

export interface FetchOptions extends FilterFlags {
  batchId: string;
  /** Empty for all combinations with a fetchable output. */
  combinationIds: readonly string[];
  server: string;
  out: string;
  quiet?: boolean | undefined;
}

/** Copies delivered outputs and the manifests that list them from a server, each file completely or not at all. Returns the exit code. */
export async function fetchOutputs(options: FetchOptions, terminal: Terminal): Promise<number> {
  const { batchId, choice, output, combinationIds, out, quiet, state = CombinationState.DELIVERED } = options;
  const connection = connectTo(options.server);
  const folder = await openFolder(out, "--out");
  try {
    return await interruptible(terminal, async (signal) => {
      const missing = new Set(combinationIds);
      let fetched = 0;
      // In any state: a failed combination may have delivered some of its outputs.
      const request = { batchId, choices: choice, outputs: output };
      const isNamed = combinationIds.length > 0;
      const states = statesToFetch(state, combinationIds);
      for await (const one of combinationsOf(connection, request, signal)) {
        const names = fetchableOutputs(states, one);
        if (names.length === 0 || (isNamed && !missing.delete(one.id))) continue;
        for (const name of names) {
          const file = await fetchFile(
            connection,
            { batchId, combinationId: one.id, output: name },
            folder.path,
            signal,
          );
          fetched++;
          if (!quiet) terminal.note(`${file}\n`);
        }
      }
      if (missing.size > 0) throw notFetchable([...missing]);
      const withManifest = fetched > 0 && !isNamed;
      if (withManifest) await fetchManifests(connection, request, folder.path, signal);
      const listed = withManifest ? ", listed in manifest.csv and manifest.jsonl" : "";
      await terminal.print(`${counted(fetched, "file")} in ${folder.path}${listed}\n`);
      return exitCodes.delivered;
    });
  } finally {
    connection.close();
    await folder.removeIfUnused();
  }
}

/** All outputs of the selection, in any state. */
async function fetchManifests(
  connection: Connection,
  request: MessageInitShape<typeof OutputsLinkSchema>,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const formats = { csv: OutputsFormat.MANIFEST_CSV, jsonl: OutputsFormat.MANIFEST_JSONL };
  for (const [extension, format] of Object.entries(formats)) {
    const { body } = await openDownload(connection, { ...request, format }, signal);
    await writeWhole(join(folder, `manifest.${extension}`), body);
  }
}
