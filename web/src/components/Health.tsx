import { healthWords } from "@/lib/health";
import { StatusBadge } from "./StatusBadge";

export function HealthBadge({ health }: { health: string }) {
  const { word, tone, icon } = healthWords(health);
  return (
    <StatusBadge tone={tone} icon={icon}>
      {word}
    </StatusBadge>
  );
}
