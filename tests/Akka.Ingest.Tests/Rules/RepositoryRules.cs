namespace Akka.Ingest.Tests.Rules;

using System.Xml.Linq;
using Xunit;

/// <summary>What every project of the repository keeps to.</summary>
public sealed class RepositoryRules
{
    private static readonly string[] ProjectFolders = ["src", "tests", "perf"];

    public static TheoryData<string> Projects()
    {
        var data = new TheoryData<string>();
        foreach (var project in ProjectFolders.SelectMany(folder => RepositoryFiles.Find(folder, "*.csproj")))
            data.Add(RepositoryFiles.Relative(project));
        return data;
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_sets_no_framework_and_no_package_version(string project)
    {
        var xml = XDocument.Load(Path.Combine(RepositoryFiles.Root, project));
        Assert.DoesNotContain(xml.Descendants(), element => element.Name.LocalName is "TargetFramework" or "TargetFrameworks");
        Assert.DoesNotContain(
            xml.Descendants("PackageReference"),
            reference => reference.Attribute("Version") is not null || reference.Attribute("VersionOverride") is not null);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_does_not_reference_Newtonsoft_Json(string project)
    {
        var xml = XDocument.Load(Path.Combine(RepositoryFiles.Root, project));
        Assert.DoesNotContain(xml.Descendants("PackageReference"), reference => (string?)reference.Attribute("Include") == "Newtonsoft.Json");
    }

    [Theory]
    [InlineData("Akka.Ingest", "")]
    [InlineData("Akka.Ingest.Stores", "Akka.Ingest")]
    [InlineData("Akka.Ingest.Server", "Akka.Ingest.Stores")]
    public void Projects_reference_each_other_in_reading_order(string project, string allowed)
    {
        var xml = XDocument.Load(Path.Combine(RepositoryFiles.Root, "src", project, project + ".csproj"));
        var references = xml.Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!));
        Assert.Equal(allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries), references);
    }

    [Fact]
    public void Files_stay_short()
    {
        var files = ProjectFolders.SelectMany(folder => RepositoryFiles.Find(folder, "*.cs"))
            .Select(file => (Name: RepositoryFiles.Relative(file), Lines: File.ReadLines(file).Count()))
            .ToList();
        Assert.Empty(files.Where(file => file.Lines > 300).Select(file => $"{file.Name}: {file.Lines} lines; split it"));
        var short_ = files.Count(file => file.Lines <= 150);
        Assert.True(short_ >= files.Count * 0.7, $"Only {short_} of {files.Count} files have at most 150 lines.");
    }

    [Fact]
    public void The_top_level_is_the_documented_one()
    {
        string[] expected =
        [
            "src", "tests", "deploy", "perf", "hocon", ".github", "docs", ".config", ".ci/run", "Akka.Ingest.sln", "Directory.Build.props",
            "Directory.Packages.props", "Directory.Build.targets", "README.md", "LICENSE", "RELEASE_NOTES.md", "global.json", ".editorconfig",
        ];
        Assert.All(expected, name => Assert.True(Path.Exists(Path.Combine(RepositoryFiles.Root, name)), $"{name} is missing"));
    }
}
