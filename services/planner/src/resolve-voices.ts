import { type Failure, FailureCode, type Origin } from "@polyreel/contract";
import { vanishedVoice } from "@polyreel/media/speech";
import { latestTake, newTake, PartStore } from "@polyreel/parts";
import type { Platform } from "@polyreel/pipeline";
import {
  isRecorded,
  type KnownSource,
  type ListedVoices,
  needKey,
  type RecordedNeed,
  type ResolvedInputs,
  recordingPart,
  type SourceNeed,
  type VoiceNeed,
  voicePartInTake,
} from "@polyreel/planning/plan";
import { PolyreelError } from "@polyreel/platform";
import { scopedStore } from "@polyreel/platform/blobs";
import { Pipeline } from "@polyreel/platform/flow";
import { followFacts, workedGeneration } from "@polyreel/platform/stream";
import pLimit from "p-limit";
import { affordable, type PlannedLine } from "./affordable-lines.js";
import { awaitVoices, listVoices } from "./list-voices.js";
import { requestedVoices } from "./requested-voices.js";

/** Takes looked up concurrently. */
const TAKES_AT_ONCE = 32;
/** Fetched recordings followed concurrently, each in the stream. */
const FETCHED_AT_ONCE = 16;
/** Names of other voices are not worth a longer wait. */
const LIST_TIMEOUT_MS = 5_000;

export interface VoiceResolving {
  readonly batchId: string;
  readonly tenant: string;
  readonly attempt: number;
  /** Facts about voice lines before this position in the stream are ignored. */
  readonly afterSequence: number;
  /** Lines are spoken anew whose voices speak a text differently each time. */
  readonly respeak: boolean;
  /** The batch's sources, by the keys of their needs. */
  readonly found: ReadonlyMap<string, Promise<KnownSource | PolyreelError>>;
  /** Called with the hash of each part that is requested. */
  readonly onRequest: (hash: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Requests the voice lines, and follows their facts in the stream until all are known. Lines that the batch requested
 * before keep their recipe; others are planned for the builds that a speech service lists, as soon as one runs.
 */
export async function resolveVoices(
  needs: readonly VoiceNeed[],
  knowledge: ResolvedInputs,
  resolving: VoiceResolving,
  platform: Platform,
): Promise<void> {
  if (needs.length === 0) return;
  const { batchId, tenant, attempt, respeak, signal } = resolving;
  const requested = await requestedVoices(resolving, platform.stream);
  const lines = needs.map((need) => ({ need, part: requested.get(need.line) }));
  const kept = lines.flatMap(({ need, part }) => (part ? [{ need, part }] : []));
  const open = lines.flatMap(({ need, part }) => (part ? [] : [need]));
  const spoken = open.filter((need) => !isRecorded(need));
  const listing = onDemand(() => awaitVoices(resolving, platform, signal));
  const planned = async () => {
    if (spoken.length === 0) return [];
    const listed = await listing();
    const store = scopedStore(platform.store, tenant);
    const takeOf = (hash: string) =>
      respeak ? newTake(store, hash, `${batchId}.${attempt}`, signal) : latestTake(store, hash, signal);
    const atOnce = pLimit(TAKES_AT_ONCE);
    const partOf = async (need: VoiceNeed) => ({ need, part: await voicePartInTake(need, listed, takeOf) });
    const lines = await Promise.all(spoken.map((need) => atOnce(() => partOf(need))));
    return affordable(lines, listed, knowledge, { parts: new PartStore(store), store, signal });
  };
  await Promise.all([
    requestSpeech(kept, knowledge, resolving, platform),
    planned().then((now) => requestSpeech(now, knowledge, resolving, platform)),
    resolveRecordings(open.filter(isRecorded), knowledge, { ...resolving, listing }, platform),
  ]);
}

/** Requests recordings: those in the store together, and each that is fetched as soon as it has arrived. */
async function resolveRecordings(
  needs: readonly RecordedNeed[],
  knowledge: ResolvedInputs,
  resolving: VoiceResolving & { readonly listing: () => Promise<ListedVoices> },
  platform: Platform,
): Promise<void> {
  const { found, listing } = resolving;
  const atOnce = pLimit(FETCHED_AT_ONCE);
  const planned = async (need: RecordedNeed): Promise<PlannedLine[]> => {
    const sources = new Map<string, KnownSource | PolyreelError | undefined>();
    for (const source of sourcesOf(need)) sources.set(needKey(source), await found.get(needKey(source)));
    const transcriber = need.recording.words ? "" : (await listing()).transcriber;
    try {
      const part = recordingPart(need, { source: (one) => sources.get(needKey(one)) }, transcriber ?? "");
      return [{ need, part }];
    } catch (error) {
      if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
      knowledge.learn(need, error);
      return [];
    }
  };
  const resolve = async (group: readonly RecordedNeed[]) => {
    const lines = (await Promise.all(group.map(planned))).flat();
    await atOnce(() => requestSpeech(lines, knowledge, resolving, platform));
  };
  const isFetched = (need: RecordedNeed) => sourcesOf(need).some(({ kind }) => kind === "url");
  const fetched = needs.filter(isFetched);
  await Promise.all([resolve(needs.filter((need) => !isFetched(need))), ...fetched.map((need) => resolve([need]))]);
}

const sourcesOf = ({ recording: { source, words } }: RecordedNeed): SourceNeed[] =>
  words ? [source, words] : [source];

/** Runs `work` when its result is needed first. */
function onDemand<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}

/** Requests lines, and waits for their outcomes. */
async function requestSpeech(
  lines: readonly PlannedLine[],
  knowledge: ResolvedInputs,
  resolving: VoiceResolving,
  platform: Platform,
): Promise<void> {
  if (lines.length === 0) return;
  // A line with the default voice and one with that voice's name have the same part.
  const byPart = new Map<string, PlannedLine[]>();
  for (const line of lines) byPart.set(line.part.hash, [...(byPart.get(line.part.hash) ?? []), line]);
  const requests = new Pipeline();
  for (const its of byPart.values()) await requests.add(request(its, resolving, platform));
  await requests.end();
  await followSpeech(byPart, knowledge, resolving, platform);
}

async function request(
  lines: readonly PlannedLine[],
  { batchId, tenant, attempt, onRequest, signal }: VoiceResolving,
  { publisher }: Platform,
): Promise<void> {
  const [first] = lines;
  if (!first) return;
  signal.throwIfAborted();
  const { hash, recipe, language } = first.part;
  onRequest(hash);
  await publisher.publish(
    "voice.requested",
    {
      ...{ batchId, tenant, attempt, hash },
      recipe: { case: "voice", value: recipe },
      origins: [first.need.origin, ...wordsOrigin(first.need)],
      lines: lines.map(({ need }) => need.line),
      language,
    },
    { id: hash, attempt },
  );
}

const wordsOrigin = ({ recording }: VoiceNeed): Origin[] => (recording?.words ? [recording.words.origin] : []);

/** Follows the speech services' facts until every part is spoken or has failed. */
async function followSpeech(
  byPart: ReadonlyMap<string, readonly PlannedLine[]>,
  knowledge: ResolvedInputs,
  { batchId, tenant, afterSequence, signal }: VoiceResolving,
  { stream }: Platform,
): Promise<void> {
  const open = new Map(byPart);
  let listed: Promise<Pick<ListedVoices, "voices">> | undefined;
  const listedNow = () => {
    listed ??= listVoices(tenant, { stream }, { timeoutMs: LIST_TIMEOUT_MS, signal }).catch(() => ({ voices: [] }));
    return listed;
  };
  for await (const message of followFacts(stream, { subject: `polyreel.voice.*.${batchId}`, afterSequence, signal })) {
    if (message.name !== "voice.ready" && message.name !== "voice.failed") continue;
    if (message.generation > 0 && message.generation < workedGeneration(batchId)) continue; // Of an earlier batch with this id.
    const { hash } = message.fact;
    for (const { need, part } of open.get(hash) ?? []) {
      if (message.name === "voice.ready") {
        const { speechSamples, words, wordsEstimated } = message.fact;
        const speech = { samples: Number(speechSamples), words, wordsEstimated };
        knowledge.learn(need, { hash, text: part.recipe.text, language: part.language, ...speech });
      } else {
        knowledge.learn(need, await speechError(message.fact.failure, { need, part }, listedNow));
      }
    }
    open.delete(hash);
    if (open.size === 0) break;
  }
  signal.throwIfAborted();
}

/** The error of a line that was not spoken. Speech services know a voice by its id; the line may call it by its name. */
async function speechError(
  failure: Failure | undefined,
  { need, part }: PlannedLine,
  listedNow: () => Promise<Pick<ListedVoices, "voices">>,
): Promise<PolyreelError> {
  const { reason = "The voice line could not be spoken.", remedy = "", code, field } = failure ?? {};
  if (code === FailureCode.NOT_FOUND && field === "voice")
    return vanishedVoice(need.recipe.voice || part.recipe.voice, await listedNow());
  return new PolyreelError("invalid", { reason, remedy, ...(code !== undefined && { code }) });
}
