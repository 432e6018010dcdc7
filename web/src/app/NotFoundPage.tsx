import { Link } from "react-router";
import { EmptyState } from "@/components/EmptyState";
import { useTitle } from "@/components/useTitle";

export function NotFoundPage() {
  useTitle("Not found");
  return (
    <EmptyState heading="There is no such page" level={1}>
      <p>The address may be mistyped, or the page has gone.</p>
      <Link to="/pipelines">To the pipelines</Link>
    </EmptyState>
  );
}
