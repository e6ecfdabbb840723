-- before
ALTER /* a */ SYSTEM # b
RECOVER TABLE a.b -- c
 TO TENANT t WITH 'pool_list=p' /**/ ; -- end
