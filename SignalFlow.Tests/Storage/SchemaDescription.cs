using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Storage;

/// <summary>A database's schema as lines of text, for comparing two. Partitions are data: each day of observations makes its own.</summary>
internal static class SchemaDescription
{
    public static Task<IReadOnlyList<string>> OfAsync(MigratedDatabase database) => database.TextsAsync(Sql);

    private const string Sql = """
        WITH relation AS (
          SELECT c.oid, c.relname, c.relkind, c.reloptions
          FROM pg_class c
          WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
        )
        SELECT line FROM (
          SELECT format('relation %s %s %s', relname, relkind, reloptions) AS line FROM relation
          UNION ALL
          SELECT format('partitions of %s by %s', relname, pg_get_partkeydef(oid)) FROM relation WHERE relkind = 'p'
          UNION ALL
          SELECT format('view %s %s', relname, pg_get_viewdef(oid)) FROM relation WHERE relkind IN ('v', 'm')
          UNION ALL
          SELECT format(
            'column %s.%s %s not null %s default %s identity "%s" generated "%s" statistics %s storage %s collation %s',
            relname, attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid),
            attidentity, attgenerated, attstattarget, attstorage, attcollation::regcollation)
          FROM relation
          JOIN pg_attribute ON attrelid = relation.oid AND attnum > 0 AND NOT attisdropped
          LEFT JOIN pg_attrdef ON adrelid = relation.oid AND adnum = attnum
          UNION ALL
          SELECT format('constraint %s.%s %s', relname, conname, pg_get_constraintdef(pg_constraint.oid))
          FROM relation JOIN pg_constraint ON conrelid = relation.oid
          UNION ALL
          SELECT format('index %s', pg_get_indexdef(indexrelid)) FROM relation JOIN pg_index ON indrelid = relation.oid
          UNION ALL
          SELECT format('statistics %s', pg_get_statisticsobjdef(pg_statistic_ext.oid)) FROM relation JOIN pg_statistic_ext ON stxrelid = relation.oid
          UNION ALL
          SELECT format('trigger %s', pg_get_triggerdef(pg_trigger.oid)) FROM relation JOIN pg_trigger ON tgrelid = relation.oid AND NOT tgisinternal
          UNION ALL
          SELECT format('function %s', pg_get_functiondef(oid))
          FROM pg_proc
          WHERE pronamespace = 'public'::regnamespace AND prokind <> 'a'
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
          UNION ALL
          SELECT format('type %s %s', typname, (SELECT array_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = pg_type.oid))
          FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
          UNION ALL
          SELECT format('extension %s %s', extname, extversion) FROM pg_extension
        ) AS described
        ORDER BY line
        """;
}
