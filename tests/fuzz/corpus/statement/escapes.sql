ALTER SYSTEM RECOVER TABLE a.b TO TENANT t WITH 'pool_list=p' DESCRIPTION 'it''s \'so\' \\ \n\t\0\Z\%' "a ""b"" \"c" 
