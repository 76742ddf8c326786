import { type CombinationDetails, combinationStateName } from "@polyreel/contract";
import { shown } from "../ui/number.js";
import { Time } from "../ui/time.js";

const SECONDS = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });

const CORE = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });

/** What was checked of a video, what was replaced in it, and why it failed. */
export function Facts({ details: { status, warnings, cost } }: { readonly details: CombinationDetails }) {
  if (!status) return null;
  const { certificate, failure } = status;
  const join = certificate?.operation.case === "join" ? certificate.operation.value : undefined;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["State", combinationStateName(status.state)],
    ["Length", join && `${SECONDS.format(join.videoSeconds)} s, ${shown(join.frames)} frames`],
    ["Loudness", join?.loudnessLufs === undefined ? undefined : `${join.loudnessLufs.toFixed(1)} LUFS`],
    ["True peak", join?.truePeakDbtp === undefined ? undefined : `${join.truePeakDbtp.toFixed(1)} dBTP`],
    ["Size", certificate && `${shown(certificate.sizeBytes)} bytes`],
    [
      "Cost",
      cost &&
        `${CORE.format(cost.coreSeconds)} s of a core; ${CORE.format(cost.aloneCoreSeconds)} s if it were made alone`,
    ],
    ["Path", status.location || status.path],
    ["Trace", status.traceId],
  ];
  return (
    <section aria-labelledby="facts">
      <h2 id="facts">Checked</h2>
      {failure ? (
        <div class="problem">
          <p>
            <strong>{failure.reason}</strong> {failure.remedy}
          </p>
          {failure.block ? (
            <p class="quiet">
              Block {failure.block}
              {failure.choice ? `, choice ${failure.choice}` : null}
            </p>
          ) : null}
        </div>
      ) : null}
      <dl class="facts">
        {rows.map(([name, value]) =>
          value ? (
            <div key={name}>
              <dt class="quiet">{name}</dt>
              <dd>{value}</dd>
            </div>
          ) : null,
        )}
        {status.endedAt ? (
          <div>
            <dt class="quiet">Ended</dt>
            <dd>
              <Time at={status.endedAt} />
            </dd>
          </div>
        ) : null}
      </dl>
      {warnings.length > 0 ? <h2>Warnings</h2> : null}
      <ul>
        {warnings.map(({ block, choice, reason }) => (
          <li key={`${block}/${choice}/${reason}`}>{reason}</li>
        ))}
      </ul>
    </section>
  );
}
