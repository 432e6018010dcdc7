#include "server/serve.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <optional>

#include "access/accounts.hpp"
#include "manager/workspace.hpp"
#include "security/random.hpp"
#include "server/alerts.hpp"
#include "server/connect_watch.hpp"
#include "server/connection_care.hpp"
#include "server/dispatch.hpp"
#include "server/host_policy.hpp"
#include "server/http_server.hpp"
#include "server/operation_runner.hpp"
#include "server/recorder.hpp"
#include "server/slot_watch.hpp"
#include "server/systemd.hpp"
#include "store/idempotency.hpp"
#include "store/location.hpp"
#include "store/operations.hpp"
#include "support/error.hpp"
#include "support/loopback.hpp"
#include "support/retry.hpp"
#include "support/spare_memory.hpp"
#include "support/unix_time.hpp"

namespace millrace::server {
namespace {

constexpr std::chrono::seconds kDrain{20};
constexpr Milliseconds kIdle{5000};
/// Of either kind. Each running pipeline needs one now and then; those with the same server and user share theirs.
constexpr std::size_t kMostSessions = 1000;
/// A heartbeat stirs all streams of a source in the same moment.
constexpr std::size_t kSessionsAtOnce = 4;
constexpr std::chrono::minutes kPurgeEvery{5};

/// Held while a server uses the data directory; the system gives it back when the process ends, however it does.
class DirectoryLock {
 public:
  explicit DirectoryLock(const std::filesystem::path& data_dir) {
    constexpr int kOwnerOnly = 0600;
    const auto file = data_dir / "server.lock";
    handle_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly);
    if (handle_ < 0) throw Error(ErrorCode::kStore, "The file " + file.string() + " cannot be made.");
    if (flock(handle_, LOCK_EX | LOCK_NB) != 0) {
      close(handle_);
      throw Error(ErrorCode::kPipelineState, "Another server uses the data directory " + data_dir.string() + ".")
          .suggest("End it first, or give this one another --data-dir.");
    }
  }
  ~DirectoryLock() { close(handle_); }
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  int handle_ = -1;
};

/// What clients may have forgotten: ended operations, and the answers to requests with an idempotency key.
void purge(store::Database& database) {
  constexpr std::int64_t kOperationsKeptMs = 30LL * 24 * 60 * 60 * 1000;
  database.write([](store::Session& session) {
    store::Operations(session).purge(unix_ms() - kOperationsKeptMs);
    store::IdempotencyKeys(session).purge(unix_ms());
  });
}

}  // namespace

void check_settings(const ServeSettings& settings) {
  check_settings(settings.oidc);
  if (!security::IpAddress::parse(settings.address)) {
    throw Error(ErrorCode::kUsage, "\"" + settings.address + "\" is no numeric address.", {.field = "listen"})
        .suggest("Write it as 127.0.0.1, 0.0.0.0, ::1 or ::.");
  }
  if (settings.certificate_file.empty() != settings.key_file.empty()) {
    throw Error(ErrorCode::kUsage, "A certificate and its key come together.", {.field = "tls-cert"});
  }
  if (settings.certificate_file.empty() && !is_loopback(settings.address) && !settings.insecure_listen) {
    throw Error(ErrorCode::kUsage, "Without TLS the server listens on the loopback alone.", {.field = "listen"})
        .suggest("Give --tls-cert and --tls-key, or say --insecure-listen when a proxy in front of it does TLS.");
  }
}

void serve(const ServeSettings& settings, const std::function<void(const std::string&)>& say,
           const std::stop_token& stop) {
  check_settings(settings);
  share_arenas();
  auto workspace = manager::open_workspace(settings.data_dir, settings.store);
  auto policy = address_policy(settings.allow_networks, settings.address, settings.port);
  const auto pipelines_policy = settings.allow_store_server ? std::optional(policy) : std::nullopt;
  if (const auto place = store::server_of(settings.store)) forbid(policy, {place->host, place->port});
  workspace.guard = make_host_guard(pipelines_policy.value_or(policy));
  workspace.certificates = std::filesystem::absolute(settings.certificates.empty() ? settings.data_dir / "certificates"
                                                                                   : settings.certificates);
  const DirectoryLock lock(settings.data_dir);
  access::Accounts accounts(workspace.database);
  EventFeed events(workspace.database, Alerts::put_into_outbox);
  const bool made_up = settings.first_password.empty();
  const Secret password = made_up ? security::random_token() : settings.first_password;
  if (accounts.make_first_admin("admin", password) && made_up) {
    say("First start. User admin, password (told this once): " + password.reveal());
  }
  std::stop_source ending;
  LiveBoard board(events);
  // Before whoever asks on them.
  pipeline::ServerSessions sessions({.most = kMostSessions, .at_once = kSessionsAtOnce});
  Supervisor supervisor(workspace, events, board, sessions);
  const Recorder recorder(workspace.database, board);
  PipelineBook book(workspace);
  // Of several servers on one store one looks after the pipelines.
  const auto acts = [&supervisor] { return supervisor.leads(); };
  const ConnectWatch connect_watch(book, board, events, acts);
  const SlotWatch slot_watch(workspace.database, book, board, events, acts);
  const ConnectionCare connection_care(workspace, events, acts);
  Alerts alerts(workspace.database, workspace.box, board, events, policy);
  OperationRunner operations(workspace.database, events, "server in " + settings.data_dir.string());
  std::optional<OidcProvider> oidc;
  if (!settings.oidc.issuer.empty()) oidc.emplace(settings.oidc, workspace.guard);
  manager::PipelineCache listed;
  Services services{.database = workspace.database,
                    .box = workspace.box,
                    .workspace = workspace,
                    .accounts = accounts,
                    .events = events,
                    .supervisor = supervisor,
                    .board = board,
                    .alerts = alerts,
                    .operations = operations,
                    .listed = listed,
                    .sessions = sessions,
                    .oidc = oidc ? &*oidc : nullptr,
                    .tls = !settings.certificate_file.empty(),
                    .stop = ending.get_token()};
  Dispatch dispatch(services);
  HttpServer http({.address = settings.address,
                   .port = settings.port,
                   .certificate_file = settings.certificate_file,
                   .key_file = settings.key_file},
                  [&](const Request& request) { return dispatch(request); });
  say("Listens on " + std::string(services.tls ? "https://" : "http://") +
      (settings.address.find(':') == std::string::npos ? settings.address : "[" + settings.address + "]") + ":" +
      std::to_string(http.port()));
  notify_systemd("READY=1");
  const auto watchdog = watchdog_interval();
  ClockPause pause;
  auto purged = std::chrono::steady_clock::now();
  while (pause.wait(watchdog.count() > 0 ? watchdog : kIdle, stop)) {
    if (watchdog.count() > 0 && supervisor.looked_lately()) notify_systemd("WATCHDOG=1");
    if (const auto now = std::chrono::steady_clock::now(); now - purged >= kPurgeEvery) {
      accounts.purge();
      events.purge();
      purge(*workspace.database);
      purged = now;
    }
  }
  notify_systemd("STOPPING=1");
  // A create that is under way takes back what it made, as it does at Ctrl-C.
  ending.request_stop();
  operations.end();
  http.drain(kDrain);
  events.end();
}

}  // namespace millrace::server
