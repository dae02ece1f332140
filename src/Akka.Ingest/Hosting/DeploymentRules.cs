namespace Akka.Ingest.Hosting;

/// <summary>Which provider goes with which profile and node mode, and what else settings must agree on. Pure.</summary>
internal static class DeploymentRules
{
    private const string NodeModeKey = "Storage:Deployment:NodeMode";

    public static IReadOnlyList<SettingsMistake> Check(StorageOptions storage, SpoolOptions spool, ClusterOptions cluster)
    {
        var mistakes = new List<SettingsMistake>();
        CheckTable(storage, spool, cluster, mistakes);
        CheckConnections(storage, spool, mistakes);
        if (cluster.Enabled)
            CheckCluster(cluster, mistakes);
        return mistakes;
    }

    /// <summary>True for stores in a folder of this machine, which take one writer.</summary>
    public static bool IsFolderStore(StorageProvider provider) =>
        provider is StorageProvider.Sqlite or StorageProvider.File or StorageProvider.Segmented;

    /// <summary>The spool's journal lives in the same kind of database as the store.</summary>
    public static bool IsSameKind(StorageProvider store, SpoolProvider spool) => (store, spool) is
        (StorageProvider.PostgreSql, SpoolProvider.PostgreSql) or (StorageProvider.SqlServer, SpoolProvider.SqlServer);

    private static void CheckTable(StorageOptions storage, SpoolOptions spool, ClusterOptions cluster, List<SettingsMistake> mistakes)
    {
        var profile = storage.Deployment.Profile;
        var mode = storage.Deployment.NodeMode;
        if (profile == DeploymentProfile.SingleNode && mode == NodeMode.MultiWriter)
            mistakes.Add(new(NodeModeKey, $"{mode}", "Storage:Deployment:Profile SingleNode takes SingleWriter; MultiWriter needs OnPremHa or CloudHa."));
        if (profile != DeploymentProfile.SingleNode && mode == NodeMode.SingleWriter)
            mistakes.Add(new(NodeModeKey, $"{mode}", $"Storage:Deployment:Profile {profile} takes MultiWriter; SingleWriter needs SingleNode."));
        if (mode != NodeMode.MultiWriter)
            return;
        if (!cluster.Enabled)
            mistakes.Add(new("Cluster:Enabled", "false", $"{NodeModeKey} MultiWriter needs true: nodes must find one another."));
        if (IsFolderStore(storage.Provider))
            mistakes.Add(new("Storage:Provider", $"{storage.Provider}", $"This store takes one writer. {NodeModeKey} MultiWriter takes PostgreSql or SqlServer."));
        else if (!IsSameKind(storage.Provider, spool.Provider))
            mistakes.Add(new("Spool:Provider", $"{spool.Provider}", $"With {NodeModeKey} MultiWriter the spool's journal is in the same kind of database as the store: {storage.Provider}."));
    }

    private static void CheckConnections(StorageOptions storage, SpoolOptions spool, List<SettingsMistake> mistakes)
    {
        var hasStoreConnection = !string.IsNullOrWhiteSpace(storage.ConnectionString);
        if (!IsFolderStore(storage.Provider) && !hasStoreConnection)
            mistakes.Add(new("Storage:ConnectionString", Value: null, $"Storage:Provider {storage.Provider} needs one."));
        if (spool.Provider != SpoolProvider.Sqlite && string.IsNullOrWhiteSpace(spool.ConnectionString)
            && !(hasStoreConnection && IsSameKind(storage.Provider, spool.Provider)))
            mistakes.Add(new("Spool:ConnectionString", Value: null, $"Spool:Provider {spool.Provider} needs one."));
    }

    private static void CheckCluster(ClusterOptions cluster, List<SettingsMistake> mistakes)
    {
        if (string.IsNullOrWhiteSpace(cluster.Hostname))
            mistakes.Add(new("Cluster:Hostname", Value: null, "Cluster:Enabled needs the name under which other nodes reach this one."));
        if (cluster.SeedNodes.Count == 0)
            mistakes.Add(new("Cluster:SeedNodes", Value: null, "Cluster:Enabled needs at least one seed node, host:port."));
        for (var i = 0; i < cluster.SeedNodes.Count; i++)
        {
            if (!IsHostAndPort(cluster.SeedNodes[i]))
                mistakes.Add(new($"Cluster:SeedNodes:{i}", cluster.SeedNodes[i], "Allowed: host:port, with a port from 1 to 65535."));
        }
    }

    private static bool IsHostAndPort(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), out var port) && port > 0;
    }
}
