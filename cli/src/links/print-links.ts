import { durationFromMs, timestampDate } from "@bufbuild/protobuf/wkt";
import { type CombinationState, type CombinationStatus, OutputsFormat } from "@polyreel/contract";
import { call } from "../client/call.js";
import { combinationsOf } from "../client/combinations.js";
import { type Connection, connectTo } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import { fetchableOutputs, notFetchable, statesToFetch, wholeBatch } from "../flags/fetchable.js";
import type { FilterFlags } from "../flags/filter.js";
import { linkLifetimeOf } from "../flags/link-flags.js";
import { ProblemsError } from "../problem.js";
import type { Terminal } from "../terminal/terminal.js";

export interface LinksOptions extends FilterFlags {
  batchId: string;
  /** Empty for all combinations with a finished output. */
  combinationIds: readonly string[];
  server: string;
  state: CombinationState;
  zip?: boolean | undefined;
  manifest?: "csv" | "jsonl" | undefined;
  lifetime?: number | undefined;
  json?: boolean | undefined;
}

/** Prints links, one a line. */
export async function printLinks(options: LinksOptions, terminal: Terminal): Promise<void> {
  const connection = connectTo(options.server);
  try {
    if (options.zip || options.manifest) await printOne(connection, options, terminal);
    else await printEach(connection, options, terminal);
  } finally {
    connection.close();
  }
}

async function printOne(connection: Connection, options: LinksOptions, terminal: Terminal): Promise<void> {
  const { batchId, combinationIds, choice, output, state, manifest, lifetime, json } = options;
  if (combinationIds.length > 0) throw wholeBatch("--zip and --manifest");
  const value = { batchId, format: FORMATS[manifest ?? "zip"], state, choices: choice, outputs: output };
  const request = {
    target: { case: "outputs", value } as const,
    ...(lifetime !== undefined && { lifetime: durationFromMs(lifetime) }),
  };
  const { url, expiresAt } = await call(connection, connection.links.createLink(request));
  const expires = expiresAt && timestampDate(expiresAt).toISOString();
  await terminal.print(`${json ? JSON.stringify({ link: url, expiresAt: expires }) : url}\n`);
}

const FORMATS = {
  zip: OutputsFormat.ZIP,
  csv: OutputsFormat.MANIFEST_CSV,
  jsonl: OutputsFormat.MANIFEST_JSONL,
} as const;

async function printEach(
  connection: Connection,
  { batchId, combinationIds, choice, output, state, lifetime, json }: LinksOptions,
  terminal: Terminal,
): Promise<void> {
  const request = { batchId, choices: choice, outputs: output, links: true, ...linkLifetimeOf(lifetime) };
  const missing = new Set(combinationIds);
  const states = statesToFetch(state, combinationIds);
  let printed = 0;
  for await (const one of combinationsOf(connection, request)) {
    if (terminal.discarded) return;
    const names = fetchableOutputs(states, one);
    if (names.length === 0 || (combinationIds.length > 0 && !missing.delete(one.id))) continue;
    for (const name of names) {
      const link = linkOf(one, name);
      if (link === "") throw olderServer();
      printed++;
      await terminal.print(`${json ? JSON.stringify({ id: one.id, output: name, link }) : link}\n`);
    }
  }
  if (missing.size > 0) throw notFetchable([...missing]);
  if (printed === 0 && !json) terminal.note("No outputs match.\n");
}

const linkOf = ({ outputs }: CombinationStatus, name: string): string =>
  outputs.find((one) => one.name === name && one.link !== "")?.link ?? "";

const olderServer = (): ProblemsError =>
  new ProblemsError(
    [{ what: "The server makes no links.", remedy: "Use a server of this release." }],
    exitCodes.failed,
  );
