import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { registerApprove } from "./approve/register-approve.js";
import { registerAudit } from "./audit/register-audit.js";
import { registerCancel } from "./cancel/register-cancel.js";
import { registerCleanUp } from "./cleanup/register-cleanup.js";
import type { CommandContext } from "./command-context.js";
import { registerCompletion } from "./completion/register-completion.js";
import { readCliConfig } from "./config.js";
import { registerDelete } from "./delete/register-delete.js";
import { registerDeliver } from "./deliver/register-deliver.js";
import { registerDestinations } from "./destinations/register-destinations.js";
import { registerDiff } from "./diff/register-diff.js";
import { registerDrive } from "./drive/register-drive.js";
import { endWithNpm } from "./end-with-npm.js";
import { registerEstimate } from "./estimate/register-estimate.js";
import { exitCodes } from "./exit-codes.js";
import { registerFetch } from "./fetch/register-fetch.js";
import { registerHelp } from "./help/register-help.js";
import { registerInit } from "./init/register-init.js";
import { registerKeys } from "./keys/register-keys.js";
import { registerLinks } from "./links/register-links.js";
import { registerList } from "./list/register-list.js";
import { registerLogin } from "./login/register-login.js";
import { registerNatsConfig } from "./nats-config/register-nats-config.js";
import { registerOpen } from "./open/register-open.js";
import { registerPresets } from "./presets/register-presets.js";
import { registerPreview } from "./preview/register-preview.js";
import { formatProblem } from "./problem.js";
import { registerProcess } from "./process/register-process.js";
import { registerRebuild } from "./rebuild/register-rebuild.js";
import { toProblems } from "./refusal.js";
import { registerReject } from "./reject/register-reject.js";
import { registerRender } from "./render/register-render.js";
import { registerReplay } from "./replay/register-replay.js";
import { registerRetry } from "./retry/register-retry.js";
import { registerSay } from "./say/register-say.js";
import { registerSchema } from "./schema/register-schema.js";
import { registerScrub } from "./scrub/register-scrub.js";
import { registerSecrets } from "./secrets/register-secrets.js";
import { registerSessions } from "./sessions/register-sessions.js";
import { registerShow } from "./show/register-show.js";
import { registerSources } from "./sources/register-sources.js";
import { registerSpec } from "./spec/register-spec.js";
import { registerStats } from "./stats/register-stats.js";
import { registerStore } from "./store/register-store.js";
import { registerSubmit } from "./submit/register-submit.js";
import { openTerminal } from "./terminal/terminal.js";
import { registerUp } from "./up/register-up.js";
import { registerUsage } from "./usage/register-usage.js";
import { registerUsers } from "./users/register-users.js";
import { registerVoices } from "./voices/register-voices.js";
import { registerWatch } from "./watch/register-watch.js";
import { registerWebhooks } from "./webhooks/register-webhooks.js";

// Neither this file nor a register-*.ts imports a service: each command imports what it needs when it runs, so that
// help is instant and a render starts to encode soon.
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
  polyreel preview batch.yaml
  polyreel render batch.yaml

With a server:
  polyreel up
  polyreel submit batch.yaml --watch
  polyreel list b4k2x7q --state failed
  polyreel show b4k2x7q ctmzx5mbqpox
  polyreel fetch b4k2x7q --out videos

Environment:
  POLYREEL_STORE   folder of sources and parts, or s3://bucket/prefix (${config.store})
  POLYREEL_KEY     key for servers that ask for one, instead of polyreel login
  POLYREEL_SERVER  server used by submit, watch, list, fetch and others (${config.serverUrl})
  LOG_LEVEL        of the services inside render and up: silent, error, info, debug
  NO_COLOR         anything: no colours
`;

const program = new Command("polyreel")
  .description("Every combination of video, audio, text and voice blocks, at the cost of the blocks.")
  .version(readVersion(), "-V, --version", "print the version")
  .helpOption("-h, --help", "print help")
  .exitOverride()
  .configureOutput({ outputError: () => {} })
  .addHelpText("after", EXAMPLES);
const register = [
  registerInit,
  registerPreview,
  registerRender,
  registerProcess,
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
  registerSpec,
  registerStats,
  registerUsage,
  registerFetch,
  registerLinks,
  registerApprove,
  registerReject,
  registerRetry,
  registerReplay,
  registerDeliver,
  registerOpen,
  registerVoices,
  registerSay,
  registerPresets,
  registerDestinations,
  registerSources,
  registerWebhooks,
  registerKeys,
  registerSecrets,
  registerNatsConfig,
  registerAudit,
  registerLogin,
  registerUsers,
  registerSessions,
  registerScrub,
  registerStore,
  registerDrive,
  registerRebuild,
  registerSchema,
  registerCompletion,
  registerHelp,
];
for (const one of register) one(program, context);

try {
  await program.parseAsync();
} catch (error) {
  exitCode = report(error);
}
// Everything is cleaned up by now; exit even if something still holds the event loop.
await terminal.print("");
process.exit(exitCode);

/** Prints an error in the format shared by all errors. Returns the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError && (error.exitCode === 0 || error.code === "commander.help")) {
    return error.exitCode === 0 ? exitCodes.delivered : exitCodes.usage;
  }
  const { problems, exitCode: code } = toProblems(error);
  for (const problem of problems) terminal.note(`${formatProblem(problem, (text) => terminal.paint("red", text))}\n`);
  return code;
}

/** The package's version. */
function readVersion(): string {
  const file = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(file) as { version: string }).version;
}
