namespace TokenBudget.Tokenization.Tests;

/// <summary>Holds the committed data files to their sources, and writes them when asked; see <see cref="DataFiles"/>.</summary>
public sealed unsafe class DataFilesTests
{
    [SharedDataTheory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void The_committed_vocabulary_is_what_the_published_ranks_give(string encoding) =>
        CommittedIs(encoding + ".bin", DataFiles.Vocabulary(encoding));

    [Fact]
    public void The_committed_class_table_is_what_the_Unicode_tables_of_dotnet_10_give() =>
        CommittedIs(CharClasses.File, DataFiles.UnicodeClasses());

    [Theory]
    [InlineData("o200k_base.bin")]
    [InlineData("cl100k_base.bin")]
    [InlineData("unicode_classes.bin")]
    public void The_library_embeds_the_committed_file(string file)
    {
        var embedded = EmbeddedData.Locate(file, out var length);
        new ReadOnlySpan<byte>(embedded, length).SequenceEqual(File.ReadAllBytes(DataFiles.PathOf(file))).ShouldBeTrue();
    }

    [SharedDataTheory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void Every_token_has_the_published_bytes_and_is_reached_by_merging_them(string encoding)
    {
        var published = DataFiles.ReadRanks(encoding);
        var vocabulary = Tokenizer.ForEncoding(encoding).Vocabulary;

        vocabulary.Count.ShouldBe(published.Length);
        vocabulary.LongestToken.ShouldBe(published.Max(token => token.Length));
        for (var id = 0; id < published.Length; id++)
        {
            VocabularyBytes.Of(vocabulary, id).ShouldBe(published[id]);
            vocabulary.LengthOf(id).ShouldBe(published[id].Length);
        }
    }

    private static void CommittedIs(string file, byte[] expected)
    {
        var path = DataFiles.PathOf(file);
        if (DataFiles.WriteAsked)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, expected);
        }

        File.ReadAllBytes(path).AsSpan().SequenceEqual(expected)
            .ShouldBeTrue($"{file} is not what its source gives; run the tests with TOKENBUDGET_WRITE_DATA=1 to write it anew");
    }
}
