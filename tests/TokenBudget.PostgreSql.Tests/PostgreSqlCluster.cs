using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using TokenBudget.TestSupport;

namespace TokenBudget.PostgreSql.Tests;

/// <summary>
/// A throw-away server for one test run, on a free port of the loopback and in a temporary folder. A shell stands between: it stops the server
/// and deletes the folder when its standard input closes, so nothing is left even when the test host is killed.
/// </summary>
public sealed class PostgreSqlCluster : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // The server refuses root. Its lines go to the standard error, where they are watched for the one that says it is ready.
    private const string Script = """
        set -eu
        folder=$(mktemp -d)
        trap 'rm -rf "$folder"' EXIT
        cd "$folder"
        "$1/initdb" -D data -U tests -A trust -E UTF8 --locale=C --no-sync >/dev/null
        start() {
            "$1/postgres" -D data -p "$2" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off \
                -c log_min_messages=warning -c lc_messages=C -c max_connections=200 </dev/null &
            server=$!
        }
        start "$1" "$2"
        while read -r command; do
            case "$command" in
                freeze) kill -STOP "$server" $(pgrep -P "$server") ;;
                thaw) kill -CONT "$server" $(pgrep -P "$server") ;;
                crash) kill -QUIT "$server"; wait "$server" || true ;;
                start) start "$1" "$2" ;;
            esac
        done
        kill -CONT "$server" $(pgrep -P "$server") || true
        kill -INT "$server"
        wait "$server" || true
        """;

    private Process? _process;
    private readonly Dictionary<Type, string> _databasesOf = [];
    private int _databases;
    private int _port;

    /// <summary>The folder of the newest installed server's programs; <see langword="null"/> when there is none.</summary>
    public static string? Binaries { get; } = FindBinaries();

    public string ConnectionString { get; private set; } = "";

    /// <summary>Stops the server and its processes where they are: connections are taken, and nothing answers.</summary>
    public void Freeze() => Tell("freeze");

    public void Thaw() => Tell("thaw");

    /// <summary>Ends the server at once, without closing anything; it recovers when it is started.</summary>
    public void Crash() => Tell("crash");

    public void Start() => Tell("start");

    /// <summary>Waits until a server that was crashed takes no connection any more.</summary>
    public Task GoneAsync() => Eventually.TrueAsync(async () =>
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, _port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    });

    /// <summary>A new, empty database.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _databases)}");
        await using var source = NpgsqlDataSource.Create(ConnectionString + ";Pooling=false");
        await using var command = source.CreateCommand($"CREATE DATABASE {name}");
        await command.ExecuteNonQueryAsync();
        return $"{ConnectionString};Database={name};Maximum Pool Size=10";
    }

    /// <summary>
    /// The database of a test class, emptied: its tests run one after the other, and a new database is three hundred files. What is left of the test before, if that did not end well, is locked for no
    /// longer than its connections live.
    /// </summary>
    public async Task<string> EmptyDatabaseAsync(object tests)
    {
        if (!_databasesOf.TryGetValue(tests.GetType(), out var database))
            return _databasesOf[tests.GetType()] = await CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(database + ";Pooling=false");
        await using var command = source.CreateCommand("DROP SCHEMA IF EXISTS tokenbudget CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
        await command.ExecuteNonQueryAsync();
        return database;
    }

    public async Task InitializeAsync()
    {
        if (Binaries is null)
            return;

        using var timeout = new CancellationTokenSource(Patience);
        _port = FreePort();
        _process = Start(Binaries, _port);
        var log = new List<string>();
        // "ready to accept connections" is logged at level LOG, which log_min_messages=warning still lets through.
        while (await _process.StandardError.ReadLineAsync(timeout.Token) is { } line)
        {
            log.Add(line);
            if (line.Contains("ready to accept connections", StringComparison.Ordinal))
            {
                ConnectionString = string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username=tests;Database=postgres;Timeout=30");
                // Somebody has to go on reading, or the server stops when the pipe is full.
                _ = _process.StandardError.ReadToEndAsync(CancellationToken.None);
                return;
            }
        }

        throw new InvalidOperationException("The PostgreSQL server did not start:\n" + string.Join('\n', log));
    }

    public async Task DisposeAsync()
    {
        if (_process is null)
            return;
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            NpgsqlConnection.ClearAllPools();
            _process.StandardInput.Close();
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
        finally
        {
            _process.Dispose();
        }
    }

    private void Tell(string command)
    {
        _process!.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
    }

    private static Process Start(string binaries, int port)
    {
        string[] shell = ["sh", "-c", Script, "cluster", binaries, port.ToString(CultureInfo.InvariantCulture)];
        if (Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows())
            shell = ["runuser", "-u", "postgres", "--", .. shell];
        return Process.Start(new ProcessStartInfo(shell[0], shell[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        })!;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string? FindBinaries()
    {
        if (OperatingSystem.IsWindows())
            return null;
        const string debian = "/usr/lib/postgresql";
        var folders = Directory.Exists(debian)
            ? Directory.GetDirectories(debian)
                .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0)
                .Select(folder => Path.Combine(folder, "bin"))
            : [];
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return folders.Concat(path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));
    }
}
