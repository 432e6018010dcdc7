import { Button, TextInput } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { CodeBlock } from "@/components/CodeBlock";
import { ProblemPanel } from "@/components/ProblemPanel";
import { StatusBadge } from "@/components/StatusBadge";
import { counted } from "@/lib/format";
import layout from "@/styles/layout.module.css";
import { useVerifyAudit } from "./queries";

/** Asks whether a line of the log was changed or taken out afterwards. */
export function ChainCheck() {
  const [expect, setExpect] = useState("");
  const check = useVerifyAudit();
  const report = check.data;

  function submit(event: FormEvent) {
    event.preventDefault();
    check.mutate(expect.trim());
  }

  return (
    <section className={layout.card} aria-labelledby="chain">
      <form className={layout.stack} onSubmit={submit}>
        <h2 id="chain">Is the log whole?</h2>
        <p className={layout.muted}>
          Each line carries the fingerprint of the one before it, so a line that was changed or taken out shows. That
          the newest lines were not cut off shows only when you give a head that you noted earlier.
        </p>
        <div className={layout.row}>
          <TextInput
            className={layout.grow}
            label="Head noted earlier (optional)"
            placeholder="line:fingerprint"
            autoComplete="off"
            spellCheck={false}
            value={expect}
            onChange={(event) => setExpect(event.currentTarget.value)}
          />
        </div>
        <div>
          <Button
            type="submit"
            variant="default"
            leftSection={<IconShieldCheck size={16} aria-hidden />}
            loading={check.isPending}
          >
            Check the log
          </Button>
        </div>
        <div role="status" className={layout.stack}>
          {report ? (
            report.whole ? (
              <>
                <div className={layout.row}>
                  <StatusBadge tone="good">Whole</StatusBadge>
                  <span>{counted(report.lines, "line")} checked. Note this head outside of this server:</span>
                </div>
                <CodeBlock text={report.head} what="the head of the audit log" />
              </>
            ) : (
              <div className={layout.row}>
                <StatusBadge tone="bad">Not whole</StatusBadge>
                <span className={layout.wrap}>
                  {report.fault?.line ? `Line ${report.fault.line}: ` : ""}
                  {report.fault?.what ?? "The chain is broken."} Somebody changed the log outside of Millrace: compare
                  it with a backup.
                </span>
              </div>
            )
          ) : null}
        </div>
        {check.isError ? <ProblemPanel problem={check.error} /> : null}
      </form>
    </section>
  );
}
