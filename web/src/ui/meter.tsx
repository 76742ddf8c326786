import "./meter.css";

interface Share {
  readonly kind: "good" | "bad" | "waiting";
  readonly count: bigint;
}

/** Shares of a whole, as one bar. What it means is said beside it, so it is hidden from readers of screens. */
export function Meter({ total, shares }: { readonly total: bigint; readonly shares: readonly Share[] }) {
  return (
    <div class="meter" aria-hidden="true">
      {shares.map(({ kind, count }) => (
        <div
          key={kind}
          class={`meter-${kind}`}
          style={{ width: `${total === 0n ? 0 : (Number(count) / Number(total)) * 100}%` }}
        />
      ))}
    </div>
  );
}
