import { type Chosen, type Failure, failureCodeName, type ReadFactsResponse } from "@polyreel/contract";
import { formatBytes, formatCount, formatSeconds } from "../terminal/numbers.js";

/** The main fields of a fact in plain words; empty if it has none besides its type. */
export function factWords({ fact }: Pick<ReadFactsResponse, "fact">): string {
  switch (fact.case) {
    case "batchSubmitted": {
      const { name, combinations, tenant } = fact.value;
      return phrase(name && JSON.stringify(name), counted(combinations), tenant && `tenant ${tenant}`);
    }
    case "batchPlanned": {
      const { combinations, clips, voices, soundtracks } = fact.value;
      const parts = { clip: clips, voice: voices, soundtrack: soundtracks };
      const listed = Object.entries(parts).map(([noun, number]) => number > 0n && counted(number, noun));
      return phrase(counted(combinations), ...listed);
    }
    case "batchFinished": {
      const { delivered, failed, rejected, run } = fact.value;
      return phrase(
        `${formatCount(delivered)} delivered`,
        failed > 0n && `${formatCount(failed)} failed`,
        rejected > 0n && `${formatCount(rejected)} rejected`,
        run > 1 && `run ${run}`,
      );
    }
    case "batchResumed":
      return phrase(`run ${fact.value.run}`, counted(fact.value.combinations));
    case "batchRequeued":
      return `run ${fact.value.run}`;
    case "partRequested": {
      const [first, ...more] = fact.value.origins;
      const used = first && phrase(`for ${first.block}=${first.choice}`, more.length > 0 && `and ${more.length} more`);
      return phrase(fact.value.hash, used);
    }
    case "partReady": {
      const { hash, reused, encodeSeconds } = fact.value;
      return phrase(hash, reused ? "from the store" : encodeSeconds > 0 && `${formatSeconds(encodeSeconds)} of a core`);
    }
    case "partFailed":
      return phrase(fact.value.hash, failed(fact.value.failure));
    case "combinationPlanned":
    case "combinationRendered": {
      const { id = "", choices = [], fileName = "" } = fact.value.combination ?? {};
      const certificate = fact.case === "combinationRendered" ? fact.value.certificate : undefined;
      return phrase(
        id,
        chosen(choices),
        fileName,
        certificate && formatBytes(certificate.sizeBytes),
        again(fact.value),
      );
    }
    case "combinationDelivered": {
      const { combinationId, choices, path, location, urlPath, certificate } = fact.value;
      const to = `to ${location || path || urlPath}`;
      return phrase(
        combinationId,
        chosen(choices),
        to,
        certificate && formatBytes(certificate.sizeBytes),
        again(fact.value),
      );
    }
    case "combinationFailed": {
      const { combinationId, choices, failure } = fact.value;
      return phrase(combinationId, chosen(choices), again(fact.value), failed(failure));
    }
    case "combinationRejected": {
      const { combinationId, choices, reason } = fact.value;
      return phrase(combinationId, chosen(choices), reason);
    }
    default:
      return "";
  }
}

const phrase = (...words: readonly (string | false | undefined)[]): string => words.filter(Boolean).join(", ");

const counted = (number: bigint, noun = "combination"): string =>
  `${formatCount(number)} ${number === 1n ? noun : `${noun}s`}`;

const chosen = (choices: readonly Chosen[]): string =>
  choices.map(({ block, choice }) => `${block}=${choice}`).join(" ");

const again = ({ attempt }: { readonly attempt: number }): string | false => attempt > 1 && `attempt ${attempt}`;

const failed = (failure: Failure | undefined): string | undefined =>
  failure && `${failureCodeName(failure.code)}: ${failure.reason}`;
