namespace Akka.Ingest.Tests.Rules;

using System.Runtime.CompilerServices;

/// <summary>The files of this repository, read from the source tree the tests were built from.</summary>
internal static class RepositoryFiles
{
    public static readonly string Root = FindRoot();

    public static IEnumerable<string> Find(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Where(file => !Parts(file).Any(part => part is "bin" or "obj"));

    public static string Relative(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    private static string[] Parts(string file) => Relative(file).Split('/');

    private static string FindRoot([CallerFilePath] string thisFile = "")
    {
        var folder = Path.GetDirectoryName(thisFile)!;
        while (!File.Exists(Path.Combine(folder, "Akka.Ingest.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Akka.Ingest.sln was not found above this file.");
        return folder;
    }
}
