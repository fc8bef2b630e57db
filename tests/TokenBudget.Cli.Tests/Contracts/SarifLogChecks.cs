using System.Text.Json;

namespace TokenBudget.Cli.Tests.Contracts;

/// <summary>What the standard (SARIF 2.1.0, sections 3.13 to 3.52) demands of the parts we write.</summary>
internal static class SarifLogChecks
{
    public static JsonElement ShouldBeSarif(string text)
    {
        var log = JsonDocument.Parse(text).RootElement;
        log.GetProperty("version").GetString().ShouldBe("2.1.0");
        log.GetProperty("$schema").GetString().ShouldNotBeNull().ShouldEndWith("sarif-2.1.0.json");
        var run = log.GetProperty("runs").EnumerateArray().ShouldHaveSingleItem();
        var driver = run.GetProperty("tool").GetProperty("driver");
        driver.GetProperty("name").GetString().ShouldBe("TokenBudget");
        Uri.IsWellFormedUriString(driver.GetProperty("informationUri").GetString(), UriKind.Absolute).ShouldBeTrue();
        var rules = driver.GetProperty("rules").EnumerateArray().ToList();
        rules.Select(static rule => rule.GetProperty("id").GetString()).ShouldBeUnique();
        foreach (var result in run.GetProperty("results").EnumerateArray())
        {
            rules[result.GetProperty("ruleIndex").GetInt32()].GetProperty("id").GetString().ShouldBe(result.GetProperty("ruleId").GetString());
            result.GetProperty("message").GetProperty("text").GetString().ShouldNotBeNullOrWhiteSpace();
            var isProblem = result.GetProperty("kind").GetString() == "fail";
            result.GetProperty("level").GetString().ShouldBe(isProblem ? "warning" : "none", "Where the kind is not fail, the level shall be none (3.27.9).");
            var uri = result.GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("artifactLocation").GetProperty("uri").GetString();
            Uri.IsWellFormedUriString(uri, UriKind.RelativeOrAbsolute).ShouldBeTrue(uri);
        }

        return run;
    }
}
