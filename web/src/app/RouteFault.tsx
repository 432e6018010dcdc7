import { useRouteError } from "react-router";
import { asProblem } from "@/api/problem";
import { ProblemPanel } from "@/components/ProblemPanel";
import { useTitle } from "@/components/useTitle";

/** A page that broke. After an update of the server the files of the former page are gone: reloading helps. */
export function RouteFault() {
  useTitle("Something went wrong");
  const fault = asProblem(useRouteError());
  return (
    <div style={{ maxWidth: "40rem", padding: "1rem" }}>
      <h1>This page could not be shown</h1>
      <ProblemPanel problem={fault} retry={() => window.location.reload()} />
    </div>
  );
}
