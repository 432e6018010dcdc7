import { Progress } from "@mantine/core";
import type { PipelineProgress } from "@/api/types";
import { StatusBadge, type Tone } from "@/components/StatusBadge";
import { bytes, percent } from "@/lib/format";
import layout from "@/styles/layout.module.css";

const kRisks: Record<string, { tone: Tone; word: string; advice: string }> = {
  ok: { tone: "good", word: "Safe", advice: "" },
  warning: {
    tone: "warn",
    word: "Filling up",
    advice: "Half of the allowed WAL is held back. See why the copy is behind.",
  },
  alarm: {
    tone: "bad",
    word: "Nearly lost",
    advice: "Resume or repair it now, or raise max_slot_wal_keep_size: else the tables must be loaded anew.",
  },
  lost: { tone: "bad", word: "Lost", advice: "PostgreSQL gave the slot up. Reload the tables." },
};

/** The slot on the source: what it holds back, against what it may. */
export function SlotCard({ progress }: { progress: PipelineProgress }) {
  const { slot } = progress;
  if (!slot) {
    return (
      <section className={layout.card} aria-labelledby="slot">
        <h2 id="slot">Replication slot</h2>
        <p className={layout.muted}>Not seen yet.</p>
      </section>
    );
  }
  const risk = kRisks[slot.risk ?? "ok"] ?? { tone: "quiet" as Tone, word: String(slot.risk), advice: "" };
  const share = slot.limitBytes ? percent(Number(slot.retainedBytes), Number(slot.limitBytes)) : null;
  return (
    <section className={layout.card} aria-labelledby="slot">
      <div className={layout.stack}>
        <div className={layout.row}>
          <h2 id="slot">Replication slot</h2>
          <StatusBadge tone={risk.tone}>{risk.word}</StatusBadge>
        </div>
        {share === null ? null : (
          <Progress value={Math.min(100, share)} aria-label={`${share}% of the limit is used`} />
        )}
        {risk.advice ? <p>{risk.advice}</p> : null}
        <dl className={layout.facts}>
          <dt>Name</dt>
          <dd className={layout.mono}>{slot.name}</dd>
          <dt>WAL kept</dt>
          <dd>
            {bytes(slot.retainedBytes)}
            {slot.limitBytes ? ` of ${bytes(slot.limitBytes)} allowed` : ", no limit set"}
          </dd>
          {slot.safeBytes ? (
            <>
              <dt>Room left</dt>
              <dd>{bytes(slot.safeBytes)}</dd>
            </>
          ) : null}
          <dt>Read by somebody</dt>
          <dd>{slot.active === null || slot.active === undefined ? "not known" : slot.active ? "yes" : "no"}</dd>
        </dl>
      </div>
    </section>
  );
}
