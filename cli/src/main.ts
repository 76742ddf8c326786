import { Command, CommanderError } from "commander";
import { registerApprove } from "./commands/approve.js";
import { registerCancel } from "./commands/cancel.js";
import { registerCleanUp } from "./commands/cleanup.js";
import { registerCompletion } from "./commands/completion.js";
import type { CommandContext } from "./commands/context.js";
import { registerDelete } from "./commands/delete.js";
import { registerDeliver } from "./commands/deliver.js";
import { registerDiff } from "./commands/diff.js";
import { registerEstimate } from "./commands/estimate.js";
import { registerFetch } from "./commands/fetch.js";
import { registerInit } from "./commands/init.js";
import { registerList } from "./commands/list.js";
import { registerOpen } from "./commands/open.js";
import { registerRebuild } from "./commands/rebuild.js";
import { registerReject } from "./commands/reject.js";
import { registerRender } from "./commands/render.js";
import { registerReplay } from "./commands/replay.js";
import { registerRetry } from "./commands/retry.js";
import { registerSchema } from "./commands/schema.js";
import { registerScrub } from "./commands/scrub.js";
import { registerShow } from "./commands/show.js";
import { registerStats } from "./commands/stats.js";
import { registerSubmit } from "./commands/submit.js";
import { registerUp } from "./commands/up.js";
import { registerVoices } from "./commands/voices.js";
import { registerWatch } from "./commands/watch.js";
import { readCliConfig } from "./config.js";
import { endWithNpm } from "./end-with-npm.js";
import { exitCodes } from "./exit-codes.js";
import { formatProblem } from "./problem.js";
import { toProblems } from "./refusal.js";
import { openTerminal } from "./terminal/terminal.js";
import { readVersion } from "./version.js";

// Nothing here or in commands/ loads a service: each command loads what it needs when it runs, so that help is instant
// and a render's first encode is not far.
const config = readCliConfig();
const terminal = openTerminal(config);
if (config.startedByNpm) endWithNpm();
let exitCode: number = exitCodes.delivered;
const context: CommandContext = {
  config,
  terminal,
  exit: (code) => {
    exitCode = code;
  },
};

const EXAMPLES = `
Start with:
  polyreel init
  polyreel estimate batch.yaml
  polyreel render batch.yaml --out videos

With a server:
  polyreel up
  polyreel submit batch.yaml --watch
  polyreel list b4k2x7q --state failed
  polyreel show b4k2x7q ctmzx5mbqpox
  polyreel fetch b4k2x7q --out videos

Environment:
  POLYREEL_STORE   folder of sources and parts (${config.storeFolder})
  POLYREEL_SERVER  server that submit, watch, list, fetch and the like talk to (${config.serverUrl})
  LOG_LEVEL        of the services inside render and up: silent, error, info, debug
  NO_COLOR         anything: no colours
`;

const program = new Command("polyreel")
  .description("Every combination of video, audio, text and voice blocks, at the cost of the blocks.")
  .version(readVersion(), "-V, --version", "print the version")
  .helpOption("-h, --help", "print help")
  .helpCommand("help [command]", "print help for a command")
  .exitOverride()
  .configureOutput({ outputError: () => {} })
  .addHelpText("after", EXAMPLES);
const register = [
  registerInit,
  registerRender,
  registerEstimate,
  registerDiff,
  registerUp,
  registerSubmit,
  registerWatch,
  registerCancel,
  registerDelete,
  registerCleanUp,
  registerList,
  registerShow,
  registerStats,
  registerFetch,
  registerApprove,
  registerReject,
  registerRetry,
  registerReplay,
  registerDeliver,
  registerOpen,
  registerVoices,
  registerScrub,
  registerRebuild,
  registerSchema,
  registerCompletion,
];
for (const one of register) one(program, context);

try {
  await program.parseAsync();
} catch (error) {
  exitCode = report(error);
}
// Everything is put away by now; whatever still holds the event loop must not hold the shell.
await terminal.print("");
process.exit(exitCode);

/** Tells people of an error in the one shape all errors have; gives the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError && (error.exitCode === 0 || error.code === "commander.help")) {
    return error.exitCode === 0 ? exitCodes.delivered : exitCodes.usage;
  }
  const { problems, exitCode: code } = toProblems(error);
  for (const problem of problems) terminal.note(`${formatProblem(problem, (text) => terminal.paint("red", text))}\n`);
  return code;
}
