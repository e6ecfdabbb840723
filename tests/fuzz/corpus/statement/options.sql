ALTER SYSTEM RECOVER TABLE a.b TO TENANT t WITH 'pool_list=p1,p2&locality=F@z1&primary_zone=z1;z2&kms_encrypt=true&concurrency=16&other=x'
