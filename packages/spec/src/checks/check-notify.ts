import type { Notify } from "@polyreel/contract";
import type { Mistake } from "../mistake.js";

/** Mistakes in the receivers of a batch's notifications, beyond their schema. `field`: the path of their list. */
export function checkNotify(notify: readonly Notify[], field = "notify"): Mistake[] {
  const seen = new Map<string, number>();
  return notify.flatMap(({ channel }, i) => {
    const at = `${field}[${i}]`;
    if (channel.case === "none") {
      return notify.length > 1 ? [{ field: `${at}.none`, ...NOT_ALONE }] : [];
    }
    const key = channel.case === "webhook" ? channel.value.url : [...(channel.value?.to ?? [])].sort().join(" ");
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, i);
      return [];
    }
    return [
      {
        field: channel.case === "webhook" ? `${at}.webhook.url` : `${at}.email.to`,
        reason: `notify[${first}] and notify[${i}] are the same receiver.`,
        remedy: "Name each receiver once, with all its events under on.",
      },
    ];
  });
}

const NOT_ALONE = {
  reason: "none stands beside other receivers.",
  remedy: "Keep none alone to notify nobody, or take it out.",
};
