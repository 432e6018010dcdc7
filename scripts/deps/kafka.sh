#!/usr/bin/env bash
# Kafka's jars into <deps>/kafka/libs and Debezium's two plugins into <deps>/connect-plugins, by Maven.
set -euo pipefail
# shellcheck source=scripts/deps/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

hash="$(stamp_of "$DEPS_SCRIPTS/pom.xml" "$DEPS_SCRIPTS/versions.env" "${BASH_SOURCE[0]}")"
if is_stamped kafka "$hash" && [ -d "$MILLRACE_DEPS/kafka/libs" ] && [ -d "$MILLRACE_DEPS/connect-plugins" ]; then
    exit 0
fi
say "Fetching Kafka $KAFKA_VERSION and Debezium $DEBEZIUM_VERSION from Maven Central"
rm -rf "$MILLRACE_DEPS/kafka" "$MILLRACE_DEPS/connect-plugins" "$MILLRACE_DEPS/maven-work"
mkdir -p "$MILLRACE_DEPS"
mvn --batch-mode --no-transfer-progress --quiet -f "$DEPS_SCRIPTS/pom.xml" process-resources \
    -Ddeps.out="$MILLRACE_DEPS" \
    -Dkafka.version="$KAFKA_VERSION" \
    -Dscala.version="$SCALA_VERSION" \
    -Dlog4j.version="$LOG4J_VERSION" \
    -Ddebezium.version="$DEBEZIUM_VERSION" \
    -Ddependency.plugin.version="$MAVEN_DEPENDENCY_PLUGIN_VERSION"
rm -rf "$MILLRACE_DEPS/maven-work"
set_stamp kafka "$hash"
