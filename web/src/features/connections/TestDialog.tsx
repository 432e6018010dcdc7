import { useQuery } from "@tanstack/react-query";
import type { Connection } from "@/api/types";
import { CheckList } from "@/components/CheckList";
import { Dialog } from "@/components/Dialog";
import { QueryView } from "@/components/QueryView";
import { StatusBadge } from "@/components/StatusBadge";
import layout from "@/styles/layout.module.css";
import { testSaved } from "./queries";

/** Every check of a saved connection, once, when it is opened. */
export function TestDialog({ connection, onClose }: { connection: Connection; onClose: () => void }) {
  const report = useQuery({
    queryKey: ["connection-test", connection.id, connection.revision],
    queryFn: () => testSaved(connection),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return (
    <Dialog opened onClose={onClose} title={`Test of ${connection.name}`}>
      <QueryView query={report} what="the connection test">
        {({ ok, product, version, checks }) => (
          <div className={layout.stack}>
            <p className={layout.row} role="status">
              <StatusBadge tone={ok ? "good" : "bad"}>{ok ? "Ready" : "Something is missing"}</StatusBadge>
              <span>
                {product} {version}
              </span>
            </p>
            <CheckList checks={checks} />
          </div>
        )}
      </QueryView>
    </Dialog>
  );
}
