import { type FailureGroup, failureCodeName, Stage } from "@polyreel/contract";
import { call } from "../client/call.js";
import { connectTo } from "../client/connection.js";
import { counted } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";

export interface FailuresOptions {
  readonly batchId: string;
  readonly server: string;
  readonly json?: boolean | undefined;
}

/** Prints a batch's failures by cause, most frequent first. */
export async function showFailures({ batchId, server, json }: FailuresOptions, terminal: Terminal): Promise<void> {
  const connection = connectTo(server);
  try {
    const { groups, omitted } = await call(connection, connection.batches.listFailures({ batchId }));
    for (const group of groups) await terminal.print(json ? `${JSON.stringify(plain(group))}\n` : text(group));
    if (groups.length === 0 && !json) terminal.note("No combination has failed.\n");
    if (omitted > 0n) terminal.note(`${counted(omitted, "rarer cause")} left out.\n`);
  } finally {
    connection.close();
  }
}

const plain = ({ cause, combinations, combinationId, failure, worthRetrying }: FailureGroup): object => ({
  block: cause?.block ?? "",
  choice: cause?.choice ?? "",
  code: cause ? failureCodeName(cause.code) : "",
  stage: stageOf(cause?.stage),
  combinations: Number(combinations),
  example: combinationId,
  reason: failure?.reason ?? "",
  remedy: failure?.remedy ?? "",
  worthRetrying,
});

function text({ cause, combinations, combinationId, failure, worthRetrying }: FailureGroup): string {
  const choice = cause?.choice ? `${cause.block}=${cause.choice}: ` : "";
  return [
    `${counted(combinations, "combination")}, such as ${combinationId}`,
    `  ${choice}${failure?.reason ?? ""}`,
    ...(failure?.remedy ? [`  ${failure.remedy}`] : []),
    `  ${cause ? failureCodeName(cause.code) : ""}, in ${stageOf(cause?.stage)}${worthRetrying ? "; a retry may help" : ""}`,
    "",
  ].join("\n");
}

const stageOf = (stage: Stage | undefined): string => Stage[stage ?? Stage.UNSPECIFIED].toLowerCase();
